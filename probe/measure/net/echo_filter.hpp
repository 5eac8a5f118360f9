#pragma once

#include <cstdint>

#include "proto/job.hpp"

namespace tp::probe {

/// Every raw ICMP socket is handed every ICMP packet of the host. So that the kernel can keep the echo replies of one
/// engine from the socket of the other, traceroute's identifiers have this bit and ping's have not.
inline constexpr std::uint16_t traceroute_identifier_bit = 0x8000;

enum class echo_replies : std::uint8_t { of_ping, of_traceroute };

/// Lets a raw ICMP socket have the echo replies with identifiers of that kind, and the errors: unreachable, packet too
/// big, time exceeded, parameter problem. All else is dropped in the kernel before the process wakes.
/// What arrived before stays in the socket, and an old kernel may not filter: the reader still looks for itself.
void keep_own_icmp(int fd, proto::family af, echo_replies which);

}  // namespace tp::probe
