#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"

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

/// Whether one is to be published before another.
bool goes_before(std::string const& one, std::string const& next);

/// Those that are not there, by path and hash.
std::vector<repository_file> missing(std::vector<repository_file> all,
                                     std::map<std::string, std::string> const& hash_by_path);

}  // namespace tp::cli
