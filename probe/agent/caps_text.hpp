#pragma once

#include <string>

#include "base/time.hpp"
#include "probe/guard/caps.hpp"
#include "probe/guard/day_budget.hpp"

namespace tp::probe {

/// The octets of a day as they were last written down.
struct kept_day {
    day_budget::account used;
    wall_time at{};
    day_budget::account latest{};  // as day_budget has it
};

/// What `trigpoint-probe caps` prints: every cap that holds, whose it is, and what today has used of it.
/// @param today  none: the clock is not set.
std::string caps_text(caps const& host, proto::cap_limits const& platform, kept_day const& day,
                      std::optional<local_moment> today);

}  // namespace tp::probe
