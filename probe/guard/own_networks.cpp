#include <net/if.h>  // before the kernel's, which then leaves out what is here

#include <ifaddrs.h>
#include <linux/route.h>
#include <netinet/in.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "base/handle.hpp"
#include "probe/guard/route_table.hpp"
#include "probe/guard/targets.hpp"

namespace tp::probe {
namespace {

// Shorter masks come from tunnels that claim the whole Internet: then only the address itself is the probe's own.
constexpr unsigned shortest_v4_network = 8, shortest_v6_network = 32;
// Those of "all but private addresses", as WireGuard is often given, have up to 16 bits.
constexpr unsigned shortest_v4_network_in_tunnel = 17;
constexpr std::uint32_t route_is_copy = 0x0100'0000;  // RTF_CACHE of linux/ipv6_route.h, which netinet/in.h excludes

std::optional<ip_prefix> network_of(sockaddr const& address, sockaddr const* mask)
{
    if (address.sa_family == AF_INET) {
        auto const& own = reinterpret_cast<sockaddr_in const&>(address);
        unsigned length = 32;
        if (mask)
            length = static_cast<unsigned>(std::popcount(reinterpret_cast<sockaddr_in const*>(mask)->sin_addr.s_addr));
        ip_address const ip = boost::asio::ip::address_v4(ntohl(own.sin_addr.s_addr));
        return ip_prefix::around(ip, length < shortest_v4_network ? 32 : length).value();
    }
    if (address.sa_family != AF_INET6) return std::nullopt;
    boost::asio::ip::address_v6::bytes_type octets, bits{};
    std::memcpy(octets.data(), &reinterpret_cast<sockaddr_in6 const&>(address).sin6_addr, octets.size());
    if (mask) std::memcpy(bits.data(), &reinterpret_cast<sockaddr_in6 const*>(mask)->sin6_addr, bits.size());
    unsigned length = 0;
    for (auto const octet : bits) length += static_cast<unsigned>(std::popcount(octet));
    ip_address const ip = boost::asio::ip::address_v6(octets);
    return ip_prefix::around(ip, length < shortest_v6_network ? 128 : length).value();
}

/// Its neighbours answer without a router in between. Blackholes are none, nor are copies that the kernel makes of a
/// route for one address.
bool is_on_link(route const& one, bool in_tunnel)
{
    constexpr std::uint32_t decisive = RTF_UP | RTF_GATEWAY | RTF_REJECT | route_is_copy;
    auto const shortest_v4 = in_tunnel ? shortest_v4_network_in_tunnel : shortest_v4_network;
    auto const shortest = one.to.network().is_v4() ? shortest_v4 : shortest_v6_network;
    return (one.flags & decisive) == RTF_UP && one.to.length() >= shortest && one.interface != "lo";
}

}  // namespace

std::vector<ip_prefix> on_link_networks(std::string_view routes_v4, std::string_view routes_v6,
                                        std::set<std::string, std::less<>> const& tunnels)
{
    std::vector<ip_prefix> out;
    for (auto const& all : {read_routes_v4(routes_v4), read_routes_v6(routes_v6)})
        for (auto const& one : all)
            if (is_on_link(one, tunnels.contains(one.interface))) out.push_back(one.to);
    return out;
}

result<std::vector<ip_prefix>> own_networks()
{
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return error_code(errno, boost::system::system_category());
    handle<ifaddrs, ::freeifaddrs> const owner(first);
    std::set<std::string, std::less<>> tunnels;
    for (auto const* one = first; one; one = one->ifa_next)
        if ((one->ifa_flags & (IFF_POINTOPOINT | IFF_NOARP)) != 0) tunnels.emplace(one->ifa_name);
    auto out = on_link_networks(read_table("/proc/net/route"), read_table("/proc/net/ipv6_route"), tunnels);
    for (auto const* one = first; one; one = one->ifa_next) {
        if (!one->ifa_addr) continue;
        if (auto const network = network_of(*one->ifa_addr, one->ifa_netmask)) out.push_back(*network);
    }
    return out;
}

}  // namespace tp::probe
