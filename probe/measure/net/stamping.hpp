#pragma once

#include <cstdint>

#include "proto/report.hpp"

namespace tp::probe {

/// What the kernel stamps for a socket.
enum class stamping : std::uint8_t {
    none,     // neither: this process reads its clock
    receive,  // what arrives
    both      // and what is sent: the stamps come on the error queue, each with its packet's key
};

/// Asks for the best that this kernel gives to the socket, and makes it count the keys of packets from zero (again).
/// The stamp of sending is taken when the packet is handed to the queueing discipline (TX_SCHED): measured closest to
/// the wire on veth and never early; it includes what the packet then waits in that queue.
stamping stamp_packets(int fd);

/// The most exact clock that round trips can be taken with.
proto::clock_kind best_clock(stamping what) noexcept;

}  // namespace tp::probe
