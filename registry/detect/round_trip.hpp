#pragma once

#include <array>
#include <cstdint>

#include "registry/detect/finding.hpp"
#include "registry/detect/survey.hpp"
#include "registry/detect/window_view.hpp"

/// Round trips that cannot be: sooner than light in glass allows from where the probe is said to be, or, for long,
/// above those of every peer nearby. The first is physics, and isolates. The second has innocent reasons (a satellite),
/// and is a warning only. An anchor that many probes are too near to is itself in the wrong place, and blames nobody.
namespace tp::registry::detect {

struct round_trip_limits {
    std::size_t hours_too_fast = 4;   // of a window
    std::size_t grave_sites = 2;      // different anchors that were too fast in the window; a single one is a warning
    double above = 1.5;               // times the highest of the peers,
    millis above_by{15.0F};           // and so much more,
    double share_of_targets = 0.6;    // for such a share of the targets that can be compared,
    std::uint32_t least_targets = 2;  // of which there are so many,
    double share_of_hours = 0.7;      // in such a share of the hours
};

struct round_trip_hour {
    struct example {
        std::int32_t measurement = 0;  // 0: none
        millis own{}, against{};
    };
    std::array<std::int32_t, 2> too_fast{};  // sites of the first two; 0: none
    example impossible;                      // the farthest from possible
    tally above;                             // targets where every peer was sooner, of those that can be compared
    example slowest;
    std::uint32_t peers = 0;  // with `slowest`
};

round_trip_hour round_trip_of(profile const& who, probe_hour const& seen, target_list const& targets,
                              survey const& others, round_trip_limits const& limits);
verdict examine_round_trip(window_view window, round_trip_limits const& limits);

}  // namespace tp::registry::detect
