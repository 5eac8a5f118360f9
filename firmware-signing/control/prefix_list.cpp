#include "firmware-signing/control/prefix_list.hpp"

#include "firmware-signing/control/ordered_lines.hpp"

namespace tp::control {
namespace {

constexpr std::size_t longest_line = 64;  // octets; the longest that can be written is shorter

}  // namespace

bool before(ip_prefix const& one, ip_prefix const& next) noexcept
{
    // Asio orders IPv4 before IPv6, and addresses of one family by value.
    if (one.network() != next.network()) return one.network() < next.network();
    return one.length() < next.length();
}

result<ip_prefix> read_prefix(std::string_view line)
{
    auto prefix = ip_prefix::parse(line);
    if (!prefix || prefix->text() != line) return signing::refusal::malformed;
    return prefix;
}

result<std::vector<ip_prefix>> read_prefix_list(std::string_view content)
{
    return read_ordered_lines<ip_prefix>(content, longest_line, most_prefixes, read_prefix, before);
}

}  // namespace tp::control
