#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp {

/// Reads a whole file. Errors: errc::too_large beyond `most` octets; those of open(2) and read(2).
result<std::string> read_file(std::filesystem::path const& path, std::size_t most);

/// Reads a file that holds a secret: as read_file, and errc::rejected when anybody but its owner may read or write it.
result<std::string> read_secret(std::filesystem::path const& path, std::size_t most);

/// Replaces a file so that a power cut leaves the old or the new content, never a mixture: writes beside it, flushes,
/// renames, flushes the folder. Errors: those of the system calls; the old content then stays.
result<void> write_atomically(std::filesystem::path const& path, std::string_view content, unsigned mode = 0644);

/// Writes a file that is not there yet, and touches no other. Errors: errc::conflict when something has this name
/// already; else those of the system calls, and then no file is left.
result<void> write_new(std::filesystem::path const& path, std::string_view content, unsigned mode = 0644);

}  // namespace tp
