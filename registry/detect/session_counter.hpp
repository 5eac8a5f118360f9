#pragma once

#include <cstdint>

#include "registry/detect/finding.hpp"
#include "registry/detect/observation.hpp"
#include "registry/detect/window_view.hpp"

/// The boot count goes back, or results use a sequence a second time: the probe was copied. A host that restores a
/// backup goes back once; two copies go back again and again.
namespace tp::registry::detect {

struct session_counter_limits {
    unsigned warning_steps = 1, grave_steps = 2;  // logins with a lower count than the login before, in a window
    unsigned warning_conflicts = 1, grave_conflicts = 10;  // results in a window
};

struct session_counter_hour {
    std::uint32_t logins = 0, first = 0, last = 0;   // boot counts of the first and the last login
    std::uint32_t steps_back = 0, from = 0, to = 0;  // the last step
    std::uint32_t conflicts = 0;
};

session_counter_hour session_counter_of(probe_hour const& seen);
verdict examine_session_counter(window_view window, session_counter_limits const& limits);

}  // namespace tp::registry::detect
