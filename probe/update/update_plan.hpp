#pragma once

#include <chrono>
#include <optional>

#include "base/time.hpp"
#include "probe/guard/quiet_hours.hpp"
#include "proto/instruction.hpp"

namespace tp::update {

/// What this machine's host says about updates.
struct host_wishes {
    enum class mode {
        automatic,    // lazy ones in the window, forced ones at once
        forced_only,  // what is not urgent is left alone
        off,          // nothing is installed
    };
    mode how = mode::automatic;
    probe::quiet_hours window;                       // in which a lazy one may begin; none: at any time
    std::optional<std::chrono::minutes> utc_offset;  // of the window; none: the system's zone
    /// A day, so that a release that fails is heard of before most have begun (registry/rollout).
    std::chrono::seconds jitter = std::chrono::hours{24};
};

/// When an update begins.
struct begin_plan {
    enum class kind {
        at,        // this moment; one that has passed means now
        declined,  // the host wants none
        too_late,  // the instruction has expired
    };
    kind is = kind::at;
    wall_time at{};
    bool operator==(begin_plan const&) const = default;
};

/// A forced one begins at once. A lazy one not before its `not_before` and not before the moment to which the host put
/// it off, in the host's window, some share of the jitter later (always the same for one instruction); from its
/// deadline on in any case.
/// @param put_off  the epoch: the host did not.
/// @param now      of the update clock, like all times of the instruction.
/// @param ahead    by so much that clock is ahead of the wall clock, by which the host's window and his putting off go.
/// @pre it wants something installed.
begin_plan plan_begin(proto::instruction const& what, host_wishes const& host, wall_time put_off, wall_time now,
                      std::chrono::nanoseconds ahead = {});

}  // namespace tp::update
