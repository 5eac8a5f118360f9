#include "probe/measure/http/head.hpp"

#include <algorithm>
#include <charconv>

namespace tp::probe {
namespace {

constexpr std::string_view blanks = " \t";

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// In ASCII, whatever the locale.
bool same_word(std::string_view a, std::string_view b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text)
{
    auto const first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// Digits at the beginning of `text`, which are taken off it. Nothing: there are none, or too many.
template <class Number>
std::optional<Number> take_number(std::string_view& text, int base = 10)
{
    Number out{};
    auto const* const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, out, base);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return out;
}

std::string_view last_element(std::string_view list)
{
    auto const comma = list.rfind(',');
    return trimmed(comma == list.npos ? list : list.substr(comma + 1));
}

constexpr std::string_view bad_length = "malformed content-length";

}  // namespace

status_line_or_complaint parse_status_line(std::string_view line)
{
    constexpr std::string_view prefix = "HTTP/";
    constexpr unsigned lowest_code = 100, highest_code = 999, highest_version = 9;
    if (line.find('\0') != line.npos) return {{}, "contains nul"};
    if (!same_word(line.substr(0, prefix.size()), prefix)) return {{}, "bad prefix"};
    line.remove_prefix(prefix.size());
    auto const major = take_number<unsigned>(line);
    if (!major || *major > highest_version || !line.starts_with('.')) return {{}, "bad major"};
    line.remove_prefix(1);
    auto const minor = take_number<unsigned>(line);
    if (!minor || *minor > highest_version || line.empty() || blanks.find(line[0]) == blanks.npos)
        return {{}, "bad minor"};
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    auto const code = take_number<unsigned>(line);
    bool const ends = line.empty() || blanks.find(line[0]) != blanks.npos;
    if (!code || *code < lowest_code || *code > highest_code || !ends) return {{}, "bad status code"};
    return {status_line{*major, *minor, *code}, {}};
}

std::optional<std::string_view> body_framing::take(std::string_view line)
{
    auto const colon = line.find(':');
    if (colon == line.npos) return std::nullopt;
    auto const name = trimmed(line.substr(0, colon));
    auto const value = trimmed(line.substr(colon + 1));
    if (same_word(name, "Content-Length")) return take_length(value);
    if (!same_word(name, "Transfer-Encoding")) return std::nullopt;
    auto const coding = last_element(value);
    chunked_ = same_word(coding, "chunked");
    coded_ = coded_ || !same_word(coding, "identity");
    return std::nullopt;
}

/// One number, or the same one several times: some servers say it twice.
std::optional<std::string_view> body_framing::take_length(std::string_view value)
{
    for (;;) {
        auto const comma = value.find(',');
        auto one = trimmed(value.substr(0, comma));
        auto const number = take_number<std::uint64_t>(one);
        if (!number || !one.empty()) return bad_length;
        if (length_ && *length_ != *number) return "conflicting content-length";
        length_ = number;
        if (comma == value.npos) return std::nullopt;
        value.remove_prefix(comma + 1);
    }
}

std::optional<std::uint64_t> parse_chunk_size(std::string_view line)
{
    constexpr int hexadecimal = 16;
    auto const size = take_number<std::uint64_t>(line, hexadecimal);
    line = trimmed(line);
    if (!size || (!line.empty() && line[0] != ';')) return std::nullopt;
    return size;
}

}  // namespace tp::probe
