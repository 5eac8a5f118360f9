#pragma once

#include <chrono>
#include <optional>

#include "base/time.hpp"
#include "proto/report.hpp"

namespace tp::probe {

/// When something passed by: the clock of this process, and the kernel's stamp where there is one.
struct stamp {
    steady_time user;
    std::optional<wall_time> kernel;
    /// Of what arrived: how long after the kernel's stamp the process read its clock. It ties the stamp, which is of
    /// the wall clock, to the steady clock of `user`.
    std::optional<std::chrono::nanoseconds> waited = {};
};

/// The stamp of something that this process has just read.
/// @param user, wall  the two clocks, read one right after the other.
stamp stamp_of_receipt(steady_time user, wall_time wall, std::optional<wall_time> kernel);
/// The same, reading them now.
stamp stamp_of_receipt(std::optional<wall_time> kernel);

/// The time between two stamps. By the kernel where both are the kernel's and agree with the process's clock, which
/// encloses them (a wall clock that was set in between does not agree). Where only the receipt is the kernel's, from
/// the process's clock before sending to that receipt on the same steady clock: exact but for the sending, and
/// untouched by a wall clock that was set while the packet was on its way. Else by the process's clock.
struct round_trip {
    std::chrono::nanoseconds length{};
    proto::clock_kind clock = proto::clock_kind::user;
};
round_trip between(stamp const& sent, stamp const& received);

/// The less exact of two, where `none` is no clock at all: for the one that a run names.
proto::clock_kind less_exact(proto::clock_kind a, proto::clock_kind b) noexcept;

}  // namespace tp::probe
