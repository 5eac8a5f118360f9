#include "registry/detect/flapping.hpp"

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {

flapping_hour flapping_of(probe_hour const& seen)
{
    return {seen.disconnects};
}

verdict examine_flapping(window_view window, flapping_limits const& limits)
{
    std::size_t hours = 0;
    std::uint64_t all = 0;
    for (auto const& each : window) {
        hours += each.flapping.disconnects >= limits.disconnects ? 1 : 0;
        all += each.flapping.disconnects;
    }
    if (hours < limits.warning_hours) return window.size() < hours_to_clear ? verdict::none() : verdict::clean();
    return verdict::of(
        {rule::flapping,
         hours >= limits.grave_hours ? severity::grave : severity::warning,
         {static_cast<double>(hours), std::to_string(all) + " sessions ended in 24 h; in " + std::to_string(hours) +
                                          " of the hours " + std::to_string(limits.disconnects) + " or more"},
         {static_cast<double>(limits.warning_hours), "a session lasts for days"},
         "fewer such hours in 24: look at the line, and at how the device is powered"});
}

}  // namespace tp::registry::detect
