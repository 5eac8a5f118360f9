#include "probe/guard/near_hops.hpp"

#include <linux/route.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <limits>

#include "base/files.hpp"
#include "probe/guard/targets.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t largest_table = 1024 * 1024;  // octets; a machine with more routes is no probe's first hop to us
constexpr std::size_t most_fields = 16;

using fields = std::vector<std::string_view>;

/// Fields of one line, taken off the text.
fields take_line(std::string_view& text)
{
    auto const end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    fields out;
    while (out.size() < most_fields) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (line.empty()) break;
        auto const length = std::min(line.find_first_of(" \t"), line.size());
        out.push_back(line.substr(0, length));
        line.remove_prefix(length);
    }
    return out;
}

template <class T>
std::optional<T> number(std::string_view text, int base)
{
    T out{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

bool is_way_out(std::optional<std::uint32_t> flags)
{
    constexpr std::uint32_t wanted = RTF_UP | RTF_GATEWAY;
    return flags && (*flags & wanted) == wanted && (*flags & RTF_REJECT) == 0;
}

std::optional<boost::asio::ip::address_v6> v6_from_hex(std::string_view text)
{
    boost::asio::ip::address_v6::bytes_type octets;
    if (text.size() != 2 * octets.size()) return std::nullopt;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        auto const octet = number<std::uint8_t>(text.substr(2 * i, 2), 16);
        if (!octet) return std::nullopt;
        octets[i] = *octet;
    }
    return boost::asio::ip::address_v6(octets);
}

/// The number of an interface, by its name: address, number, prefix length, scope, flags, name.
std::optional<std::uint32_t> interface_number(std::string_view interfaces, std::string_view name)
{
    while (!interfaces.empty()) {
        auto const line = take_line(interfaces);
        if (line.size() >= 6 && line[5] == name) return number<std::uint32_t>(line[1], 16);
    }
    return std::nullopt;
}

bool is_public(ip_address const& address)
{
    return !special_block(address) && embedded_addresses(address).empty();
}

/// Private addresses are usual there. A link-local one would need a zone, which answers do not have.
bool can_be_router(ip_address const& address)
{
    if (address.is_unspecified() || address.is_loopback() || address.is_multicast()) return false;
    if (address.is_v6()) return !address.to_v6().is_link_local() && embedded_addresses(address).empty();
    return address.to_v4() != boost::asio::ip::address_v4::broadcast() && address.to_v4().to_bytes()[0] != 0;
}

}  // namespace

std::optional<ip_address> default_gateway_v4(std::string_view routes)
{
    // Interface, destination, gateway, flags, references, use, metric, mask: octets in the machine's order.
    std::optional<ip_address> best;
    auto lowest = std::numeric_limits<std::uint32_t>::max();
    while (!routes.empty()) {
        auto const line = take_line(routes);
        if (line.size() < 8 || line[1] != "00000000" || line[7] != "00000000") continue;
        auto const gateway = number<std::uint32_t>(line[2], 16), metric = number<std::uint32_t>(line[6], 10);
        if (!gateway || !metric || !is_way_out(number<std::uint32_t>(line[3], 16)) || (best && *metric >= lowest))
            continue;
        boost::asio::ip::address_v4::bytes_type octets;
        std::memcpy(octets.data(), &*gateway, octets.size());
        best = boost::asio::ip::address_v4(octets);
        lowest = *metric;
    }
    return best;
}

std::optional<ip_address> default_gateway_v6(std::string_view routes, std::string_view interfaces)
{
    // Destination, its length, source, its length, gateway, metric, references, use, flags, interface.
    std::optional<ip_address> best;
    auto lowest = std::numeric_limits<std::uint32_t>::max();
    while (!routes.empty()) {
        auto const line = take_line(routes);
        if (line.size() < 10 || line[1] != "00" || line[3] != "00") continue;
        auto gateway = v6_from_hex(line[4]);
        auto const metric = number<std::uint32_t>(line[5], 16);
        if (!gateway || !metric || !is_way_out(number<std::uint32_t>(line[8], 16)) || (best && *metric >= lowest))
            continue;
        if (gateway->is_link_local()) {
            auto const zone = interface_number(interfaces, line[9]);
            if (!zone) continue;
            gateway->scope_id(*zone);
        }
        best = *gateway;
        lowest = *metric;
    }
    return best;
}

routers learn_first_hops()
{
    auto const content = [](char const* path) {
        auto const file = read_file(path, largest_table);
        return file ? *file : std::string();
    };
    return {default_gateway_v4(content("/proc/net/route")),
            default_gateway_v6(content("/proc/net/ipv6_route"), content("/proc/net/if_inet6"))};
}

std::optional<ip_address> second_hop_of(proto::traceroute_report const& trace, ip_address const& target)
{
    if (!is_public(target)) return std::nullopt;
    auto const hop = std::find_if(trace.hops.begin(), trace.hops.end(), [](auto const& each) { return each.hop == 2; });
    if (hop == trace.hops.end()) return std::nullopt;
    std::optional<ip_address> found;
    for (auto const& reply : hop->replies) {
        if (!reply.from || reply.late) continue;  // a late answer may be that of another hop
        bool const expired = reply.error == proto::trace_error::none && *reply.from != target;
        if (!expired || (found && *found != *reply.from)) return std::nullopt;
        found = reply.from;
    }
    return found && can_be_router(*found) ? found : std::nullopt;
}

}  // namespace tp::probe
