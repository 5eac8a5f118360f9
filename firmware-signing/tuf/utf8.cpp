#include "firmware-signing/tuf/utf8.hpp"

namespace tp::tuf {
namespace {

/// How many octets follow the first one, and what it holds of the code point. Length -1: no first octet.
struct lead {
    int more;
    std::uint32_t bits, lowest;  // `lowest`: the first code point that needs so many octets
};

lead lead_of(std::uint32_t octet) noexcept
{
    if (octet < 0x80) return {0, octet, 0};
    if (octet >= 0xc0 && octet < 0xe0) return {1, octet & 0x1f, 0x80};
    if (octet >= 0xe0 && octet < 0xf0) return {2, octet & 0x0f, 0x800};
    if (octet >= 0xf0 && octet < 0xf8) return {3, octet & 0x07, 0x10000};
    return {-1, 0, 0};
}

}  // namespace

std::uint32_t take_character(std::string_view& text) noexcept
{
    auto const first = lead_of(static_cast<unsigned char>(text.front()));
    auto const size = static_cast<std::size_t>(first.more + 1);
    if (first.more < 0 || text.size() < size) return bad_character;
    auto character = first.bits;
    for (std::size_t i = 1; i < size; ++i) {
        std::uint32_t const octet = static_cast<unsigned char>(text[i]);
        if ((octet & 0xc0) != 0x80) return bad_character;
        character = character << 6 | (octet & 0x3f);
    }
    bool const surrogate = character >= 0xd800 && character < 0xe000;
    if (character < first.lowest || surrogate || character > 0x10ffff) return bad_character;
    text.remove_prefix(size);
    return character;
}

bool is_text(std::string_view text) noexcept
{
    while (!text.empty()) {
        auto const character = take_character(text);
        if (character == bad_character || character < 0x20) return false;
    }
    return true;
}

void append_utf8(std::uint32_t character, std::string& to)
{
    auto const put = [&to](std::uint32_t octet) { to += static_cast<char>(octet); };
    auto const put_rest = [&](int shift) { put(0x80 | (character >> shift & 0x3f)); };
    if (character < 0x80) {
        put(character);
    } else if (character < 0x800) {
        put(0xc0 | character >> 6);
        put_rest(0);
    } else if (character < 0x10000) {
        put(0xe0 | character >> 12);
        put_rest(6);
        put_rest(0);
    } else {
        put(0xf0 | character >> 18);
        put_rest(12);
        put_rest(6);
        put_rest(0);
    }
}

}  // namespace tp::tuf
