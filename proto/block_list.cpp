#include "proto/block_list.hpp"

#include <charconv>

namespace tp::proto {
namespace {

constexpr std::string_view heading = "trigpoint blocks ";

/// The text before the next end of line, which has to be there; `text` loses both.
result<std::string_view> take_line(std::string_view& text)
{
    auto const end = text.find('\n');
    if (end == std::string_view::npos) return errc::malformed;
    auto const line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

}  // namespace

std::string encode_blocks(block_list const& list)
{
    std::string out(heading);
    out += std::to_string(list.version) + '\n';
    for (auto const& each : list.prefixes) out += each.text() + '\n';
    return out;
}

result<block_list> decode_blocks(std::string_view text)
{
    auto first = take_line(text);
    if (!first) return first.error();
    if (!first->starts_with(heading)) return errc::malformed;
    first->remove_prefix(heading.size());
    block_list out;
    auto const* const last = first->data() + first->size();
    auto const [end, error] = std::from_chars(first->data(), last, out.version);
    if (error != std::errc{} || end != last) return errc::malformed;
    while (!text.empty()) {
        auto const line = take_line(text);
        if (!line) return line.error();
        if (out.prefixes.size() == block_list::most) return errc::too_large;
        auto const prefix = ip_prefix::parse(*line);
        if (!prefix) return prefix.error();
        out.prefixes.push_back(*prefix);
    }
    return out;
}

}  // namespace tp::proto
