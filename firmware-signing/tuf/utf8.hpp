#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tp::tuf {

/// Takes one character off the front of well-formed UTF-8. @pre the text is not empty.
/// What is no UTF-8 (RFC 3629: overlong, surrogate, beyond U+10FFFF, cut short) is told by `bad_character`.
inline constexpr std::uint32_t bad_character = 0xffffffff;
std::uint32_t take_character(std::string_view& text) noexcept;

/// Well-formed UTF-8 without control characters (U+0000 to U+001F).
bool is_text(std::string_view text) noexcept;

/// @pre the code point is below 0x110000 and no surrogate.
void append_utf8(std::uint32_t character, std::string& to);

}  // namespace tp::tuf
