#pragma once

#include <cstdint>

#include "registry/detect/finding.hpp"
#include "registry/detect/survey.hpp"
#include "registry/detect/window_view.hpp"

/// Success where there is none: an unannounced prefix, a closed port, a name that does not exist, a nonce that the
/// anchor did not give, an anchor that nobody else reaches. Whoever has it makes results up, repeats old ones, or sits
/// behind something that answers for others. A canary that many probes reach is broken, and blames nobody.
namespace tp::registry::detect {

struct canary_limits {
    std::size_t warning_hours = 1, grave_hours = 6;  // different hours with such a success, of a window
    double reached = 0.5;                            // answered packets of a target that nobody reaches
    std::size_t different_targets = 2;               // of that kind, if there is no other evidence
    std::uint32_t nonces_to_judge = 12;              // in a window,
    double silent_share = 0.9;  // of which so many had no answer although the anchor was there: a warning
};

struct canary_hour_facts {
    tally wrong;    // of those asked, nonces included
    canary kind{};  // of the last wrong one,
    std::int32_t measurement = 0;
    std::uint32_t nonces = 0, silent = 0;
    std::int32_t ghost = 0;  // measurement of a target that nobody else reaches; 0: none
    double ghost_share = 0;  // what it answered to this probe
};

canary_hour_facts canary_of(profile const& who, probe_hour const& seen, target_list const& targets,
                            survey const& others, canary_limits const& limits);
verdict examine_canary(window_view window, canary_limits const& limits);

}  // namespace tp::registry::detect
