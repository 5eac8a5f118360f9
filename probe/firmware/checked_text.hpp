#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp::firmware {

/// Small files of lines whose last line, "check " and a SHA-256, is over all before it: what a power cut or a bad disk
/// left of one is told from a whole one.
inline constexpr std::size_t largest_text = 4 * 1024;  // octets, with the check

/// @pre every line of the text ends with a line feed.
std::string with_check(std::string text);
/// The text without its last line. Errors: errc::malformed.
result<std::string_view> without_check(std::string_view octets, std::size_t most = largest_text);

}  // namespace tp::firmware
