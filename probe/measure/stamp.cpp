#include "probe/measure/stamp.hpp"

#include <algorithm>

namespace tp::probe {

using std::chrono::nanoseconds;

round_trip between(stamp const& sent, stamp const& received)
{
    // The process reads its clock before sending and after receiving; the two clocks run at slightly different rates
    // while the wall clock is being slewed (by 500 ppm at most).
    constexpr std::chrono::microseconds tolerance{500};
    auto const user = std::chrono::duration_cast<nanoseconds>(received.user - sent.user);
    round_trip const by_user{std::max(user, nanoseconds{0}), proto::clock_kind::user};
    if (!sent.kernel || !received.kernel) return by_user;
    auto const kernel = *received.kernel - *sent.kernel;
    if (kernel < nanoseconds{0} || kernel > user + tolerance) return by_user;
    return {kernel, proto::clock_kind::kernel};
}

proto::clock_kind less_exact(proto::clock_kind a, proto::clock_kind b) noexcept
{
    if (a == proto::clock_kind::none) return b;
    if (b == proto::clock_kind::none) return a;
    return std::min(a, b);
}

}  // namespace tp::probe
