#include "probe/measure/net/stamping.hpp"

#include <linux/net_tstamp.h>
#include <sys/socket.h>

namespace tp::probe {
namespace {

bool set(int fd, int name, int value)
{
    return ::setsockopt(fd, SOL_SOCKET, name, &value, sizeof value) == 0;
}

}  // namespace

stamping stamp_packets(int fd)
{
    constexpr int wanted = SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
                           SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
    set(fd, SO_TIMESTAMPING, 0);  // only then do the keys begin at zero
    if (set(fd, SO_TIMESTAMPING, wanted)) return stamping::both;
    return set(fd, SO_TIMESTAMPNS, 1) ? stamping::receive : stamping::none;
}

proto::clock_kind best_clock(stamping what) noexcept
{
    switch (what) {
        case stamping::both:
            return proto::clock_kind::kernel;
        case stamping::receive:
            return proto::clock_kind::kernel_receive;
        case stamping::none:
            break;
    }
    return proto::clock_kind::user;
}

}  // namespace tp::probe
