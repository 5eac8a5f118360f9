#include "registry/detect/two_places.hpp"

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {
namespace {

std::string sentence(std::uint32_t meetings, two_places_hour::meeting const& last)
{
    return std::to_string(meetings) + " logins met a session of the same key that still answered; the last came from " +
           last.here.to_string() + " (" + in_text(last.here_as) + ") while one from " + last.there.to_string() + " (" +
           in_text(last.there_as) + ") was alive";
}

}  // namespace

two_places_hour two_places_of(probe_hour const& seen)
{
    two_places_hour out;
    for (auto const& each : seen.logins) {
        if (!each.displaced || !each.displaced->answering) continue;
        ++out.meetings;
        out.last = {each.from, each.displaced->from, each.as, each.displaced->as};
    }
    return out;
}

verdict examine_two_places(window_view window, two_places_limits const& limits)
{
    std::uint32_t meetings = 0;
    std::optional<two_places_hour::meeting> last;
    for (auto const& each : window) {
        meetings += each.two_places.meetings;
        if (each.two_places.last) last = each.two_places.last;
    }
    if (meetings < limits.warning || !last) {
        return window.size() < hours_to_clear ? verdict::none() : verdict::clean();
    }
    auto const grave = meetings >= limits.grave;
    return verdict::of(
        {rule::two_places,
         grave ? severity::grave : severity::warning,
         {static_cast<double>(meetings), sentence(meetings, *last)},
         {static_cast<double>(limits.grave),
          "a key lives on one device; " + std::to_string(limits.grave) + " such logins in 24 h isolate it"},
         "24 h without such a login: switch one of the devices off, or give it a key of its own"});
}

}  // namespace tp::registry::detect
