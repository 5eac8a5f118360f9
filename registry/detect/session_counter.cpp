#include "registry/detect/session_counter.hpp"

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {
namespace {

struct seen_in_window {
    std::uint32_t logins = 0, last = 0, steps_back = 0, from = 0, to = 0, conflicts = 0;

    void step(std::uint32_t before, std::uint32_t after)
    {
        ++steps_back;
        from = before;
        to = after;
    }
};

seen_in_window add_up(window_view window)
{
    seen_in_window out;
    for (auto const& each : window) {
        auto const& hour = each.session_counter;
        out.conflicts += hour.conflicts;
        if (hour.logins == 0) continue;
        if (out.logins > 0 && hour.first < out.last) out.step(out.last, hour.first);
        if (hour.steps_back > 0) {
            out.steps_back += hour.steps_back;
            out.from = hour.from;
            out.to = hour.to;
        }
        out.logins += hour.logins;
        out.last = hour.last;
    }
    return out;
}

std::string sentence(seen_in_window const& seen)
{
    std::string out;
    if (seen.steps_back > 0) {
        out = "the boot count went back " + std::to_string(seen.steps_back) + " times, the last time from " +
              std::to_string(seen.from) + " to " + std::to_string(seen.to);
    }
    if (seen.conflicts > 0) {
        out +=
            (out.empty() ? "" : "; ") + std::to_string(seen.conflicts) + " results had the sequence of another result";
    }
    return out;
}

}  // namespace

session_counter_hour session_counter_of(probe_hour const& seen)
{
    session_counter_hour out;
    out.conflicts = seen.deliveries.sequence_conflicts;
    for (auto const& each : seen.logins) {
        if (out.logins == 0) {
            out.first = each.boot_count;
        } else if (each.boot_count < out.last) {
            ++out.steps_back;
            out.from = out.last;
            out.to = each.boot_count;
        }
        out.last = each.boot_count;
        ++out.logins;
    }
    return out;
}

verdict examine_session_counter(window_view window, session_counter_limits const& limits)
{
    auto const seen = add_up(window);
    if (seen.steps_back < limits.warning_steps && seen.conflicts < limits.warning_conflicts) {
        return window.size() < hours_to_clear ? verdict::none() : verdict::clean();
    }
    auto const grave = seen.steps_back >= limits.grave_steps || seen.conflicts >= limits.grave_conflicts;
    return verdict::of({rule::session_counter,
                        grave ? severity::grave : severity::warning,
                        {static_cast<double>(seen.steps_back > 0 ? seen.steps_back : seen.conflicts), sentence(seen)},
                        {static_cast<double>(limits.grave_steps),
                         "the count only rises; " + std::to_string(limits.grave_steps) + " steps back or " +
                             std::to_string(limits.grave_conflicts) + " such results in 24 h isolate the probe"},
                        "24 h without a step back; a new key, if the device was copied"});
}

}  // namespace tp::registry::detect
