#include "api/results/text.hpp"

#include <charconv>

namespace tp::api {
namespace {

constexpr std::string_view base64_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

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

constexpr std::uint64_t in_a_second = 1'000'000'000;  // nanoseconds

std::uint64_t magnitude(std::int64_t value) noexcept
{
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

/// The quotient, exactly, without zeros at its end. The divisor is a power of ten.
void append_scaled(std::string& out, std::int64_t value, std::uint64_t divisor)
{
    auto const size = magnitude(value);
    if (value < 0) out.push_back('-');
    append_number(out, static_cast<std::int64_t>(size / divisor));
    auto rest = size % divisor;
    if (rest == 0) return;
    out.push_back('.');
    for (std::uint64_t digit = divisor / 10; rest != 0; digit /= 10) {
        out.push_back(static_cast<char>('0' + rest / digit));
        rest %= digit;
    }
}

void append_nine_digits(std::string& out, std::uint64_t nanoseconds)
{
    out.push_back('.');
    for (std::uint64_t digit = in_a_second / 10; digit != 0; digit /= 10)
        out.push_back(static_cast<char>('0' + nanoseconds / digit % 10));
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
    append_scaled(out, length.count(), 1'000'000);
}

void append_seconds(std::string& out, std::chrono::nanoseconds length)
{
    append_scaled(out, length.count(), in_a_second);
}

void append_fixed_seconds(std::string& out, std::chrono::nanoseconds length)
{
    auto const size = magnitude(length.count());
    if (length.count() < 0) out.push_back('-');
    append_number(out, static_cast<std::int64_t>(size / in_a_second));
    append_nine_digits(out, size % in_a_second);
}

void append_ntp_time(std::string& out, std::uint64_t at)
{
    // Rounded to the nearest nanosecond, which may be the next second.
    auto const nanoseconds = ((at & 0xFFFF'FFFFU) * in_a_second + 0x8000'0000U) >> 32U;
    append_number(out, static_cast<std::int64_t>((at >> 32U) + nanoseconds / in_a_second));
    append_nine_digits(out, nanoseconds % in_a_second);
}

void append_real(std::string& out, double value)
{
    char text[32];
    auto const [end, error] = std::to_chars(text, text + sizeof text, value);
    (void)error;  // 24 characters hold every double in its shortest form
    out.append(text, end);
}

void append_base64(std::string& out, std::string_view octets)
{
    for (std::size_t at = 0; at < octets.size(); at += 3) {
        auto const three = octets.substr(at, 3);
        unsigned bits = 0;
        for (std::size_t i = 0; i < 3; ++i) bits = bits << 8U | (i < three.size() ? octet(three[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            out.push_back(i <= three.size() ? base64_letters[(bits >> (18U - 6U * i)) & 63U] : '=');
    }
}

std::optional<std::string> base64_decoded(std::string_view text)
{
    if (text.size() % 4 != 0) return std::nullopt;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    std::string out;
    unsigned bits = 0, held = 0;
    for (char const c : text) {
        auto const value = base64_letters.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6U | static_cast<unsigned>(value)) & 0xFFFFU;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out.push_back(static_cast<char>((bits >> held) & 0xFFU));
    }
    return out;
}

}  // namespace tp::api
