#include "probe/schedule/timetable.hpp"

#include <algorithm>
#include <cstdint>

namespace tp::probe {
namespace {

using std::chrono::nanoseconds;

// Starts and intervals of a hostile controller must not overflow: beyond this there is no next run. 2^61 ns = 73 years.
constexpr std::int64_t farthest = std::int64_t{1} << 61;

/// The finaliser of splitmix64: every bit of the input moves half of the output.
std::uint64_t mixed(std::uint64_t x)
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

}  // namespace

nanoseconds phase_of(probe_id probe, measurement_id measurement, proto::timetable const& when)
{
    if (!when.interval) return nanoseconds{0};
    auto const hash =
        mixed(static_cast<std::uint64_t>(probe.value()) << 32 | static_cast<std::uint32_t>(measurement.value()));
    nanoseconds const interval = *when.interval;
    auto const within = [&](nanoseconds width) {
        return nanoseconds(
            static_cast<std::int64_t>(hash % static_cast<std::uint64_t>(std::max<std::int64_t>(width.count(), 1))));
    };
    if (when.spread.count() <= 0) return within(std::min<nanoseconds>(interval, unspread));
    auto const width = std::min<nanoseconds>(interval, when.spread);
    return within(width) - width / 2;
}

std::optional<wall_time> next_periodic(proto::timetable const& when, nanoseconds phase, wall_time now)
{
    std::int64_t const interval = nanoseconds(*when.interval).count();
    std::int64_t since = 0;  // from the moment of run 0 to now
    if (__builtin_sub_overflow(now.time_since_epoch().count(), when.start.time_since_epoch().count(), &since))
        return {};
    if (since < -farthest || since > farthest || interval <= 0) return {};
    since -= phase.count();

    auto k = since <= 0 ? 0 : (since + interval - 1) / interval;
    if (k == 0 && phase < nanoseconds{0}) k = 1;  // its moment of run 0 lies before the start
    std::int64_t at = 0;
    if (__builtin_mul_overflow(k, interval, &at)) return {};
    if (__builtin_add_overflow(at, when.start.time_since_epoch().count() + phase.count(), &at)) return {};
    wall_time const next{nanoseconds(at)};
    if (when.stop && next >= *when.stop) return {};
    return next;
}

std::optional<wall_time> next_one_off(proto::timetable const& when, wall_time now)
{
    auto const at = std::max(when.start, now);
    if (when.stop && at >= *when.stop) return {};
    return at;
}

}  // namespace tp::probe
