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
};

/// The time between two stamps: by the kernel where both are the kernel's and agree with the process's clock, which
/// encloses them (a wall clock that was set in between does not agree).
struct round_trip {
    std::chrono::nanoseconds length{};
    proto::clock_kind clock = proto::clock_kind::user;
};
round_trip between(stamp const& sent, stamp const& received);

/// The less exact of two, where `none` is no clock at all: for the one that a run names.
proto::clock_kind less_exact(proto::clock_kind a, proto::clock_kind b) noexcept;

}  // namespace tp::probe
