#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/ip_prefix.hpp"

namespace tp::probe {

/// The gateway of the default route, the one of the lowest metric, from the text of /proc/net/route.
std::optional<ip_address> default_gateway_v4(std::string_view routes);

/// The same from /proc/net/ipv6_route. A link-local gateway gets the number of its interface as its zone, which
/// /proc/net/if_inet6 tells; it is left out where that does not.
std::optional<ip_address> default_gateway_v6(std::string_view routes, std::string_view interfaces);

/// The first router on the way out, by this machine's own table.
struct first_hops {
    std::optional<ip_address> v4, v6;
};
first_hops learn_first_hops();

}  // namespace tp::probe
