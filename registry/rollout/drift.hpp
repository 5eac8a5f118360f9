#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "registry/rollout/definition.hpp"

namespace tp::registry::rollout {

/// What one probe measured before the rollout began, and lately.
struct measured {
    bool updated = false;                           // it has run the new release for all of "lately"
    double rate_before = 0, rate_after = 0;         // results that came, of those that were due: 0 .. 1
    std::optional<double> trip_before, trip_after;  // a typical round trip to the same targets, milliseconds
};

/// With fewer on either side nothing is said.
inline constexpr std::size_t least_compared = 10;

/// Whether those that were updated measure otherwise than they did, and the others do not: why, or nothing. Compared is
/// by how much each probe changed, so that it does not matter which probes these are, and what changes for all (an
/// outage, the hour of the day) is no one's fault.
std::optional<std::string> drift(std::span<measured const> seen, limits const& at);

}  // namespace tp::registry::rollout
