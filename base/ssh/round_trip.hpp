#pragma once

#include <chrono>
#include <optional>

namespace tp::ssh {

/// The shortest round trip that the kernel has seen on a TCP connection (tcp(7), TCP_INFO). Nothing: it cannot tell, or
/// this is none.
std::optional<std::chrono::microseconds> shortest_round_trip(int descriptor) noexcept;

}  // namespace tp::ssh
