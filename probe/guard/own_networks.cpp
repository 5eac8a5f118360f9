#include <ifaddrs.h>
#include <netinet/in.h>

#include <bit>
#include <cerrno>
#include <cstring>

#include "base/handle.hpp"
#include "probe/guard/targets.hpp"

namespace tp::probe {
namespace {

// Shorter masks come from tunnels that claim the whole Internet: then only the address itself is the probe's own.
constexpr unsigned shortest_v4_network = 8, shortest_v6_network = 32;

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

}  // namespace

result<std::vector<ip_prefix>> own_networks()
{
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return error_code(errno, boost::system::system_category());
    handle<ifaddrs, ::freeifaddrs> const owner(first);
    std::vector<ip_prefix> out;
    for (auto const* one = first; one; one = one->ifa_next) {
        if (!one->ifa_addr) continue;
        if (auto const network = network_of(*one->ifa_addr, one->ifa_netmask)) out.push_back(*network);
    }
    return out;
}

}  // namespace tp::probe
