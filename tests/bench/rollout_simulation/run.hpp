#pragma once

#include <string>
#include <vector>

#include "registry/rollout/machine.hpp"
#include "tests/bench/rollout_simulation/probe.hpp"

namespace tp::simulation {

struct rollout_scale {
    std::uint32_t probes = 10'000, lab = 20;
    double broken = 0.05;  // share of probes that the release does not suit; 0: a good one
    bool outages = true;   // networks and countries that are dark for hours, and the churn of lines
    rollout::mode how = rollout::mode::lazy;
    seconds begins_within =
        std::chrono::hours{24};  // of being told, lazily: in its host's hours, which come once a day
    std::chrono::hours longest{24 * 30};
};

struct rollout_outcome {
    rollout::phase end{};
    std::string because;
    double touched = 0;  // share of the fleet that had begun, at the end
    double hours = 0;    // from the approval until it was halted or complete
    std::uint32_t broken_touched = 0, broken_on_old = 0;
    std::uint32_t updated = 0;
    std::uint32_t outages = 0;  // that began while it ran
};

/// One rollout from its approval until it is complete, or halted and everybody is back. The same seed gives the same.
rollout_outcome run_rollout(std::uint64_t seed, rollout_scale const& size);

}  // namespace tp::simulation
