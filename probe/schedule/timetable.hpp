#pragma once

#include <chrono>
#include <optional>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "proto/job.hpp"

namespace tp::probe {

/// This probe's own moment within an interval: the same after every restart, and another for each pair of probe and
/// measurement. With a spread: uniform within +- spread/2 (or +- interval/2, if that is less). Without: within the
/// first `unspread` of the interval, so that probes do not all send in one instant.
std::chrono::nanoseconds phase_of(probe_id probe, measurement_id measurement, proto::timetable const& when);
inline constexpr std::chrono::milliseconds unspread{500};

/// The next moment at or after `now` at which a periodic job runs: start + k * interval + phase, not before `start` and
/// before `stop`. Nothing when there is none.
/// @pre when.interval
std::optional<wall_time> next_periodic(proto::timetable const& when, std::chrono::nanoseconds phase, wall_time now);

/// When a one-off runs: at its start, or now if that has passed. Nothing when it may no longer.
std::optional<wall_time> next_one_off(proto::timetable const& when, wall_time now);

}  // namespace tp::probe
