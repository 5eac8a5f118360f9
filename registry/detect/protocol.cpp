#include "registry/detect/protocol.hpp"

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {
namespace {

struct seen_in_window {
    std::uint64_t malformed = 0, foreign = 0, arrived = 0;
    std::size_t hours_malformed = 0, hours_foreign = 0;
};

seen_in_window add_up(window_view window)
{
    seen_in_window out;
    for (auto const& each : window) {
        auto const& hour = each.protocol;
        out.malformed += hour.malformed;
        out.foreign += hour.foreign;
        out.arrived += hour.arrived;
        out.hours_malformed += hour.malformed > 0 ? 1 : 0;
        out.hours_foreign += hour.foreign > 0 ? 1 : 0;
    }
    return out;
}

finding frames(seen_in_window const& seen, severity level, protocol_limits const& limits)
{
    return {rule::protocol,
            level,
            {static_cast<double>(seen.malformed), std::to_string(seen.malformed) + " malformed frames in " +
                                                      std::to_string(seen.hours_malformed) + " different hours"},
            {static_cast<double>(limits.grave_frames), "no release of ours sends one"},
            "24 h without one: install a signed release"};
}

finding foreign(seen_in_window const& seen, severity level, protocol_limits const& limits)
{
    return {rule::protocol,
            level,
            {static_cast<double>(seen.foreign),
             std::to_string(seen.foreign) + " results belonged to measurements that the probe has no part in, " +
                 "beside " + std::to_string(seen.arrived) + " that were its own"},
            {static_cast<double>(limits.grave_foreign), "the history of its jobs"},
            "24 h without such results"};
}

}  // namespace

protocol_hour protocol_of(probe_hour const& seen)
{
    return {seen.malformed_frames, seen.deliveries.not_its_own, seen.deliveries.arrived};
}

verdict examine_protocol(window_view window, protocol_limits const& limits)
{
    auto const seen = add_up(window);
    auto const all = static_cast<double>(seen.foreign + seen.arrived);
    auto const many_foreign = static_cast<double>(seen.foreign) >= limits.foreign_share * all;
    if (seen.malformed >= limits.grave_frames && seen.hours_malformed >= limits.grave_hours) {
        return verdict::of(frames(seen, severity::grave, limits));
    }
    if (seen.foreign >= limits.grave_foreign && many_foreign && seen.hours_foreign >= limits.grave_hours) {
        return verdict::of(foreign(seen, severity::grave, limits));
    }
    if (seen.malformed >= limits.warning_frames) return verdict::of(frames(seen, severity::warning, limits));
    if (seen.foreign >= limits.warning_foreign && many_foreign) {
        return verdict::of(foreign(seen, severity::warning, limits));
    }
    return window.size() < hours_to_clear ? verdict::none() : verdict::clean();
}

}  // namespace tp::registry::detect
