#pragma once

#include <chrono>
#include <optional>

#include "base/time.hpp"

namespace tp::firmware {

/// What the agent knows of itself.
struct health {
    std::optional<steady_time> running_since;
    bool in_session = false;  // with a controller, now
    bool measured = false;    // an engine sent packets on its own behalf, and nothing here was wrong with it
    bool reported = false;    // a controller keeps the report of what runs
};

/// What a release on trial still lacks.
enum class lacking { nothing, session, measurement, report, time };

/// A release is committed when it can do what a probe is for, and could be helped if it could not: it has a session,
/// it has measured, the platform knows what it runs, and it has run for `soak`.
lacking what_is_lacking(health const& now_known, steady_time now, std::chrono::seconds soak) noexcept;

}  // namespace tp::firmware
