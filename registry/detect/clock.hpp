#pragma once

#include <cstdint>

#include "registry/detect/finding.hpp"
#include "registry/detect/survey.hpp"
#include "registry/detect/window_view.hpp"

/// A clock that is far off. One that is said to be synchronised must be right; one that is said not to be is a warning
/// only, because its results say so, too. A controller whose probes are off in the median is wrong itself.
namespace tp::registry::detect {

struct clock_limits {
    millis synchronised_off{2'000.0F}, free_off{60'000.0F};  // beyond what the exchange leaves uncertain
    double share_of_hours = 0.6;                             // in which it must be off,
    std::size_t hours = 8;                                   // at least
};

struct clock_hour {
    bool counts = false, synchronised = false;
    bool off = false;
    millis offset{};
};

clock_hour clock_of(probe_hour const& seen, survey const& others, clock_limits const& limits);
verdict examine_clock(window_view window, clock_limits const& limits);

}  // namespace tp::registry::detect
