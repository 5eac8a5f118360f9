#include "firmware-signing/lines.hpp"

#include <charconv>

#include "firmware-signing/refusal.hpp"

namespace tp::signing {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr char32_t no_character = 0xffff'ffff;
constexpr std::size_t longest_host_name = 253, longest_label = 63;  // octets; RFC 1035, section 2.3.4

/// Cuts off the first character. RFC 3629, section 3.
char32_t take_character(std::string_view& text) noexcept
{
    auto const octet = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    auto const first = octet(0);
    std::size_t const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (length == 0 || first > 0xf4 || text.size() < length) return no_character;
    char32_t out = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((octet(i) & 0xc0) != 0x80) return no_character;
        out = out << 6 | (octet(i) & 0x3f);
    }
    text.remove_prefix(length);
    bool const overlong = (length == 3 && out < 0x800) || (length == 4 && out < 0x1'0000);
    bool const surrogate = out >= 0xd800 && out < 0xe000;
    return overlong || surrogate || out > 0x10'ffff ? no_character : out;
}

struct range {
    char32_t first, last;
};
/// Unicode's general categories Cc, Zl, Zp, and what of Cf can hide or turn text.
constexpr range not_shown[] = {{0, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},       {0x61c, 0x61c},
                               {0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
                               {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}, {no_character, no_character}};

bool is_label(std::string_view text)
{
    return !text.empty() && text.size() <= longest_label && text.front() != '-' && text.back() != '-' &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == text.npos;
}

}  // namespace

result<std::string_view> line_reader::take(std::size_t longest)
{
    auto const end = rest_.substr(0, longest + 1).find('\n');
    if (end == rest_.npos) return refusal::malformed;
    auto const line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
}

result<std::string_view> line_reader::take_value(std::string_view key, std::size_t longest)
{
    auto line = take(key.size() + 1 + longest);
    if (!line) return line.error();
    if (!line->starts_with(key) || line->substr(key.size(), 1) != " ") return refusal::malformed;
    return line->substr(key.size() + 1);
}

std::string_view take_word(std::string_view& text) noexcept
{
    auto const word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    return word;
}

result<std::uint64_t> read_number(std::string_view text, std::uint64_t most)
{
    std::uint64_t value = 0;
    auto const* const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, value);
    bool const spelled_otherwise = text.size() > 1 && text.front() == '0';
    if (error != std::errc{} || end != last || spelled_otherwise || value > most) return refusal::malformed;
    return value;
}

bool is_plain_text(std::string_view text) noexcept
{
    while (!text.empty()) {
        auto const character = take_character(text);
        for (auto const& [first, last] : not_shown)
            if (character >= first && character <= last) return false;
    }
    return true;
}

bool is_host_name(std::string_view text) noexcept
{
    if (text.empty() || text.size() > longest_host_name) return false;
    for (;;) {
        auto const dot = text.find('.');
        if (!is_label(text.substr(0, dot))) return false;
        if (dot == text.npos) return true;
        text.remove_prefix(dot + 1);
    }
}

std::string to_hex(std::string_view octets)
{
    std::string out;
    out.reserve(2 * octets.size());
    for (char const c : octets) {
        auto const octet = static_cast<unsigned char>(c);
        out += digits[octet >> 4];
        out += digits[octet & 15];
    }
    return out;
}

result<std::string> from_hex(std::string_view text, std::size_t octets)
{
    if (text.size() != 2 * octets) return refusal::malformed;
    std::string out;
    out.reserve(octets);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        auto const high = digits.find(text[i]), low = digits.find(text[i + 1]);
        if (high == digits.npos || low == digits.npos) return refusal::malformed;
        out.push_back(static_cast<char>(high << 4 | low));
    }
    return out;
}

}  // namespace tp::signing
