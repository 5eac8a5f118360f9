#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "firmware-signing/tuf/metadata.hpp"

/// How files are named, at the repository and in the folders here.
namespace tp::tuf {

/// A role's name as part of a file's: everything but A-Z a-z 0-9 _ . - ~ as "%" and two hexadecimal digits.
std::string escaped(std::string_view name);

/// "ROLE.json": the file of a role in the folder of trusted metadata, and at a repository without consistent snapshots.
std::string file_of(std::string_view role);
/// The same at the repository: "3.ROLE.json" if its names carry versions.
std::string remote_file_of(std::string_view role, std::uint64_t version, bool consistent);

/// The file of a target at the repository: "dir/HASH.name" if names carry hashes.
std::string remote_target(std::string_view path, target_file const& facts, bool consistent);
/// The file of a target in the folder of accepted ones: its whole path, escaped, so that it is a file in this very
/// folder, visible, with a name that no other target has.
std::string local_target(std::string_view path);
/// The hidden file beside, in which a target grows: named by its hash, so that what is there is of this very target.
std::string growing_target(target_file const& facts);

}  // namespace tp::tuf
