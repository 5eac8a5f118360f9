#include "firmware-signing/lines.hpp"

#include <charconv>

#include "firmware-signing/refusal.hpp"

namespace tp::signing {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

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
