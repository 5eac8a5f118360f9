#include "base/ssh/round_trip.hpp"

// The kernel's header and not <netinet/tcp.h>, whose tcp_info ends before the field that is wanted; they exclude each
// other, hence a file of its own.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <limits>

namespace tp::ssh {

std::optional<std::chrono::microseconds> shortest_round_trip(int descriptor) noexcept
{
    tcp_info said{};
    socklen_t length = sizeof said;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &said, &length) != 0) return std::nullopt;
    // An older kernel writes less.
    if (length < offsetof(tcp_info, tcpi_min_rtt) + sizeof said.tcpi_min_rtt) return std::nullopt;
    auto const none_yet = std::numeric_limits<decltype(said.tcpi_min_rtt)>::max();
    if (said.tcpi_min_rtt == 0 || said.tcpi_min_rtt == none_yet) return std::nullopt;
    return std::chrono::microseconds(said.tcpi_min_rtt);
}

}  // namespace tp::ssh
