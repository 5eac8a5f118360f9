#include "controller/relay/pace.hpp"

#include <algorithm>

namespace tp::controller {

steady_time pace::next(steady_time now, rate const& kept) const noexcept
{
    return std::max(now, taken_until_ - kept.burst);
}

steady_time pace::reserve(steady_time now, std::size_t octets, rate const& kept) noexcept
{
    constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
    auto const turn = next(now, kept);
    auto const length = std::uint64_t{octets} * 8 * nanoseconds_per_second / kept.bits_per_second;
    taken_until_ = std::max(taken_until_, now) + std::chrono::nanoseconds(length);
    return turn;
}

}  // namespace tp::controller
