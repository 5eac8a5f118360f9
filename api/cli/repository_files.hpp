#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "firmware-signing/tuf/named_files.hpp"

namespace tp::cli {

/// A file of a published repository.
struct repository_file {
    std::string path;  // "metadata/1.root.json"
    std::uint64_t size = 0;
    std::string sha256;  // hexadecimal digits
    bool operator==(repository_file const&) const = default;
};

/// All files of a repository in a folder, in the order in which they may be published: targets, roles, snapshots,
/// roots, and last the timestamp, which makes them known. Hidden files are none of them. Errors: errc::not_found
/// without a timestamp: this is no repository; those of the system calls.
result<std::vector<repository_file>> repository_files(std::filesystem::path const& folder);

/// What the timestamp of a repository in a folder leads to. Errors: those of tuf::named_files and of the system calls,
/// about `failed_file`.
result<tuf::file_names> names_in(std::filesystem::path const& folder, std::string& failed_file);
/// Those that clients may ask for now: with what was replaced, the platform is not filled again and again.
std::vector<repository_file> needed(std::vector<repository_file> all, tuf::file_names const& named);

/// Whether one is to be published before another.
bool goes_before(std::string const& one, std::string const& next);

/// Those that are not there, by path and hash.
std::vector<repository_file> missing(std::vector<repository_file> all,
                                     std::map<std::string, std::string> const& hash_by_path);

}  // namespace tp::cli
