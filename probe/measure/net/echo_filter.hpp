#pragma once

#include <cstdint>

#include "proto/job.hpp"

namespace tp::probe {

/// Every raw ICMP socket is handed every ICMP packet of the host. So that the kernel can keep the echo replies of one
/// engine from the socket of the other, traceroute's identifiers have this bit and ping's have not.
inline constexpr std::uint16_t traceroute_identifier_bit = 0x8000;

/// Lets a raw ICMP socket of ping have the echo replies without that bit, and the errors: unreachable, packet too big,
/// time exceeded, parameter problem. All else is dropped in the kernel before the process wakes.
/// What arrived before stays in the socket, and an old kernel may not filter: the reader still looks for itself.
void keep_own_icmp(int fd, proto::family af);
/// For a raw ICMP socket that only sends.
void keep_no_icmp(int fd, proto::family af);

}  // namespace tp::probe
