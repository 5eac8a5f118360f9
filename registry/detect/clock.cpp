#include "registry/detect/clock.hpp"

#include <cmath>

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {
namespace {

struct seen_in_window {
    std::size_t hours = 0, off = 0, off_and_synchronised = 0;
    clock_hour last;
};

finding off(seen_in_window const& seen, severity level, millis limit)
{
    auto const seconds = static_cast<double>(seen.last.offset.count()) / 1000;
    return {rule::clock,
            level,
            {seconds, "its clock is " + decimal(std::abs(seconds), 1) + " s " + (seconds > 0 ? "ahead" : "behind") +
                          (level == severity::grave ? ", and said to be synchronised" : "")},
            {static_cast<double>(limit.count()) / 1000, "its controllers' clocks"},
            "hours with the right time: look at the time servers that the device uses"};
}

}  // namespace

clock_hour clock_of(probe_hour const& seen, survey const& others, clock_limits const& limits)
{
    clock_hour out;
    if (!seen.clock || !seen.controller || others.doubts_clock(*seen.controller)) return out;
    out.counts = true;
    out.synchronised = seen.clock->synchronised;
    out.offset = seen.clock->offset;
    auto const limit = out.synchronised ? limits.synchronised_off : limits.free_off;
    out.off = std::abs(out.offset.count()) > (limit + seen.clock->uncertainty).count();
    return out;
}

verdict examine_clock(window_view window, clock_limits const& limits)
{
    seen_in_window seen;
    for (auto const& each : window) {
        if (!each.clock.counts) continue;
        ++seen.hours;
        if (!each.clock.off) continue;
        ++seen.off;
        seen.off_and_synchronised += each.clock.synchronised ? 1 : 0;
        seen.last = each.clock;
    }
    auto const enough = [&](std::size_t hours) {
        return hours >= limits.hours &&
               static_cast<double>(hours) >= limits.share_of_hours * static_cast<double>(seen.hours);
    };
    if (enough(seen.off_and_synchronised)) {
        return verdict::of(off(seen, severity::grave, limits.synchronised_off));
    }
    if (enough(seen.off)) return verdict::of(off(seen, severity::warning, limits.free_off));
    return seen.hours < limits.hours ? verdict::none() : verdict::clean();
}

}  // namespace tp::registry::detect
