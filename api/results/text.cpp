#include "api/results/text.hpp"

#include <charconv>

namespace tp::api {
namespace {

unsigned octet(char c) noexcept
{
    return static_cast<unsigned char>(c);
}

/// Length of the well-formed UTF-8 sequence at the front, 0 if there is none. RFC 3629, section 4.
std::size_t sequence_length(std::string_view text) noexcept
{
    auto const first = octet(text[0]);
    if (first < 0x80) return 1;
    std::size_t const length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((octet(text[i]) & 0xC0U) != 0x80) return 0;
    }
    auto const second = octet(text[1]);
    bool const overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    bool const not_a_character = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    return overlong || not_a_character ? 0 : length;
}

void append_escaped(std::string& out, char c)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        default:
            if (octet(c) >= 0x20 && octet(c) != 0x7F) {
                out.push_back(c);
                return;
            }
            out += "\\u00";
            out += {digits[octet(c) >> 4U], digits[octet(c) & 15U]};
    }
}

}  // namespace

void append_string(std::string& out, std::string_view text)
{
    out.push_back('"');
    while (!text.empty()) {
        auto const length = sequence_length(text);
        if (length == 1) {
            append_escaped(out, text[0]);
        } else if (length == 0) {
            out += "\xEF\xBF\xBD";
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out.push_back('"');
}

bool is_storable_text(std::string_view text) noexcept
{
    while (!text.empty()) {
        auto const length = sequence_length(text);
        if (length == 0 || text[0] == '\0') return false;
        text.remove_prefix(length);
    }
    return true;
}

void append_number(std::string& out, std::int64_t value)
{
    char text[24];
    auto const [end, error] = std::to_chars(text, text + sizeof text, value);
    (void)error;  // 24 characters hold every 64-bit number
    out.append(text, end);
}

void append_milliseconds(std::string& out, std::chrono::nanoseconds length)
{
    constexpr std::int64_t in_a_millisecond = 1'000'000;
    auto const count = length.count();
    if (count < 0) out.push_back('-');
    auto const size = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
    append_number(out, static_cast<std::int64_t>(size / in_a_millisecond));
    auto rest = size % in_a_millisecond;
    if (rest == 0) return;
    out.push_back('.');
    for (std::uint64_t digit = in_a_millisecond / 10; rest != 0; digit /= 10) {
        out.push_back(static_cast<char>('0' + rest / digit));
        rest %= digit;
    }
}

}  // namespace tp::api
