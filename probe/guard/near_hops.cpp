#include "probe/guard/near_hops.hpp"

#include <linux/route.h>

#include <algorithm>
#include <cstdint>
#include <limits>

#include "probe/guard/route_table.hpp"
#include "probe/guard/targets.hpp"

namespace tp::probe {
namespace {

bool is_way_out(route const& one)
{
    constexpr std::uint32_t wanted = RTF_UP | RTF_GATEWAY;
    return one.to.length() == 0 && (one.flags & wanted) == wanted && (one.flags & RTF_REJECT) == 0;
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
    std::optional<route> best;
    for (auto const& one : read_routes_v4(routes))
        if (is_way_out(one) && (!best || one.metric < best->metric)) best = one;
    return best ? std::optional(best->gateway) : std::nullopt;
}

std::optional<ip_address> default_gateway_v6(std::string_view routes, std::string_view interfaces)
{
    std::optional<ip_address> best;
    auto lowest = std::numeric_limits<std::uint32_t>::max();
    for (auto const& one : read_routes_v6(routes)) {
        if (!is_way_out(one) || (best && one.metric >= lowest)) continue;
        auto gateway = one.gateway.to_v6();
        if (gateway.is_link_local()) {
            auto const zone = interface_number(interfaces, one.interface);
            if (!zone) continue;
            gateway.scope_id(*zone);
        }
        best = gateway;
        lowest = one.metric;
    }
    return best;
}

bool has_way_out_v6(std::string_view routes)
{
    auto const all = read_routes_v6(routes, sources::all_or_some);
    return std::any_of(all.begin(), all.end(), [](route const& one) {
        return one.to.length() == 0 && (one.flags & (RTF_UP | RTF_REJECT)) == RTF_UP && one.interface != "lo";
    });
}

bool has_way_out_v6()
{
    return has_way_out_v6(read_table("/proc/net/ipv6_route"));
}

routers learn_first_hops()
{
    return {default_gateway_v4(read_table("/proc/net/route")),
            default_gateway_v6(read_table("/proc/net/ipv6_route"), read_table("/proc/net/if_inet6"))};
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
