#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "probe/firmware/disk.hpp"

/// Files that are read and written whole, as checked_text.hpp has them.
namespace tp::firmware {

/// Behind the name of what is still being written.
inline constexpr char const* unfinished = ".new";
inline constexpr unsigned text_mode = 0644, program_mode = 0755;

/// Errors: errc::too_large above largest_text; those of reading.
result<std::string> read_small(disk& from, std::filesystem::path const& file);
/// Writes and flushes it; its name is the folder's matter. Errors: those of writing.
result<void> write_small(disk& to, std::filesystem::path const& file, std::string_view octets);

}  // namespace tp::firmware
