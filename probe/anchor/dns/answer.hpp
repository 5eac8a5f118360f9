#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "probe/anchor/dns/zone.hpp"

namespace tp::anchor {

enum class dns_path : std::uint8_t {
    udp,
    udp_truncated,  // nothing but "come back over TCP", not longer than the query but for an OPT record
    tcp,
};

inline constexpr std::size_t smallest_room = 512;       // octets over UDP; RFC 1035, section 4.2.1
inline constexpr std::size_t largest_datagram = 1'232;  // that no path is known to break: DNS flag day 2020

/// The whole server: octets of a query to octets of an answer, or none to what nobody may answer. Never recursion,
/// never a transfer of the zone.
std::optional<std::string> answer_query(dns_zone const& zone, std::span<std::uint8_t const> query, dns_path path);

}  // namespace tp::anchor
