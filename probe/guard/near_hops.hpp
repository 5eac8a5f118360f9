#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/ip_prefix.hpp"
#include "proto/findings.hpp"
#include "proto/job.hpp"

namespace tp::probe {

/// The gateway of the default route, the one of the lowest metric, from the text of /proc/net/route.
std::optional<ip_address> default_gateway_v4(std::string_view routes);

/// The same from /proc/net/ipv6_route. A link-local gateway gets the number of its interface as its zone, which
/// /proc/net/if_inet6 tells; it is left out where that does not.
std::optional<ip_address> default_gateway_v6(std::string_view routes, std::string_view interfaces);

/// Whether there is a way out for IPv6 in the text of /proc/net/ipv6_route, be it without a router (PPP, LTE) or for
/// some sources only.
bool has_way_out_v6(std::string_view routes);
/// By this machine's own table.
bool has_way_out_v6();

/// A router for each family, as far as it is known.
struct routers {
    std::optional<ip_address> v4, v6;

    std::optional<ip_address>& of(proto::family af) { return af == proto::family::v4 ? v4 : v6; }
    std::optional<ip_address> const& of(proto::family af) const { return af == proto::family::v4 ? v4 : v6; }
    bool operator==(routers const&) const = default;
};

/// The first router on the way out, by this machine's own table.
routers learn_first_hops();

/// The second router on the way out, by a trace towards a public target: who said there that a packet's time was over.
/// Nothing if that is not one address, or one that no router of the second hop has.
std::optional<ip_address> second_hop_of(proto::traceroute_report const& trace, ip_address const& target);

}  // namespace tp::probe
