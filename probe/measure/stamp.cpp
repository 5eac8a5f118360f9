#include "probe/measure/stamp.hpp"

#include <algorithm>

namespace tp::probe {

using std::chrono::nanoseconds;

stamp stamp_of_receipt(steady_time user, wall_time wall, std::optional<wall_time> kernel)
{
    stamp out{user, kernel};
    if (kernel) out.waited = wall - *kernel;
    return out;
}

stamp stamp_of_receipt(std::optional<wall_time> kernel)
{
    auto const user = std::chrono::steady_clock::now();
    return stamp_of_receipt(user, kernel ? wall_now() : wall_time{}, kernel);
}

round_trip between(stamp const& sent, stamp const& received)
{
    // The process reads its clock before sending and after receiving; the two clocks run at slightly different rates
    // while the wall clock is being slewed (by 500 ppm at most).
    constexpr std::chrono::microseconds tolerance{500};
    auto const user = std::max(std::chrono::duration_cast<nanoseconds>(received.user - sent.user), nanoseconds{0});
    if (sent.kernel && received.kernel) {
        auto const kernel = *received.kernel - *sent.kernel;
        if (kernel >= nanoseconds{0} && kernel <= user + tolerance) return {kernel, proto::clock_kind::kernel};
    }
    if (received.waited && *received.waited >= nanoseconds{0} && *received.waited <= user)
        return {user - *received.waited, proto::clock_kind::kernel_receive};
    return {user, proto::clock_kind::user};
}

proto::clock_kind less_exact(proto::clock_kind a, proto::clock_kind b) noexcept
{
    if (a == proto::clock_kind::none) return b;
    if (b == proto::clock_kind::none) return a;
    return std::min(a, b);
}

}  // namespace tp::probe
