#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_prefix.hpp"

/// This machine's routing tables, as the kernel prints them.
namespace tp::probe {

struct route {
    ip_prefix to;
    ip_address gateway;  // unspecified: none
    std::uint32_t metric = 0;
    std::uint32_t flags = 0;     // RTF_..., linux/route.h and linux/ipv6_route.h
    std::string_view interface;  // in the text that it was read from
};

/// From the text of /proc/net/route. A line that is no route is passed over.
std::vector<route> read_routes_v4(std::string_view text);
/// From that of /proc/net/ipv6_route; routes for some sources only are passed over, too, unless they are wanted.
enum class sources { all, all_or_some };
std::vector<route> read_routes_v6(std::string_view text, sources wanted = sources::all);

/// The number of an interface, by its name, from the text of /proc/net/if_inet6.
std::optional<std::uint32_t> interface_number(std::string_view interfaces, std::string_view name);

/// A file of these; empty if it cannot be read, or is larger than any that a probe's machine should have.
std::string read_table(char const* path);

}  // namespace tp::probe
