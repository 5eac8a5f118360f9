#include "registry/detect/round_trip.hpp"

#include <algorithm>

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {
namespace {

void note_too_fast(round_trip_hour& into, target_hour const& seen, std::int32_t site, millis least)
{
    auto* const free = std::find_if(into.too_fast.begin(), into.too_fast.end(),
                                    [&](auto const one) { return one == 0 || one == site; });
    if (free != into.too_fast.end()) *free = site;
    auto const& worst = into.impossible;
    if (worst.measurement != 0 && least - seen.least <= worst.against - worst.own) return;
    into.impossible = {seen.measurement.value(), seen.least, least};
}

void note_peers(round_trip_hour& into, target_hour const& seen, survey::level highest, round_trip_limits const& limits)
{
    auto const own = static_cast<double>(seen.least.count());
    auto const limit = highest.value * limits.above + static_cast<double>(limits.above_by.count());
    into.above.count(own > limit);
    if (own <= limit || seen.least <= into.slowest.own) return;
    into.slowest = {seen.measurement.value(), seen.least, millis(static_cast<float>(highest.value))};
    into.peers = highest.peers;
}

struct seen_in_window {
    std::size_t hours_too_fast = 0, hours_compared = 0, hours_above = 0;
    std::array<std::int32_t, 8> sites{};  // too fast, each once; more are not needed
    round_trip_hour::example impossible, slowest;
    std::uint32_t peers = 0;

    std::size_t different_sites() const
    {
        return static_cast<std::size_t>(std::find(sites.begin(), sites.end(), 0) - sites.begin());
    }
    void remember(std::int32_t site)
    {
        auto* const end = sites.begin() + static_cast<std::ptrdiff_t>(different_sites());
        if (end != sites.end() && std::find(sites.begin(), end, site) == end) *end = site;
    }
};

seen_in_window add_up(window_view window, round_trip_limits const& limits)
{
    seen_in_window out;
    for (auto const& each : window) {
        auto const& hour = each.round_trip;
        if (hour.impossible.measurement != 0) {
            ++out.hours_too_fast;
            out.impossible = hour.impossible;
            for (auto const site : hour.too_fast) {
                if (site != 0) out.remember(site);
            }
        }
        if (hour.above.of < limits.least_targets) continue;
        ++out.hours_compared;
        if (hour.above.share() < limits.share_of_targets) continue;
        ++out.hours_above;
        out.slowest = hour.slowest;
        out.peers = hour.peers;
    }
    return out;
}

finding impossible(seen_in_window const& seen, round_trip_limits const& limits)
{
    auto const grave = seen.different_sites() >= limits.grave_sites;
    auto const& worst = seen.impossible;
    return {rule::round_trip,
            grave ? severity::grave : severity::warning,
            {static_cast<double>(worst.own.count()),
             "in " + std::to_string(seen.hours_too_fast) + " h of 24 replies came too soon; measurement " +
                 std::to_string(worst.measurement) + " took " + in_text(worst.own)},
            {static_cast<double>(worst.against.count()),
             "from its place light in glass needs at least " + in_text(worst.against)},
            "24 h without such replies: correct the probe's place"};
}

finding above_all(seen_in_window const& seen)
{
    auto const& worst = seen.slowest;
    return {rule::round_trip,
            severity::warning,
            {static_cast<double>(worst.own.count()),
             "for " + std::to_string(seen.hours_above) + " h of " + std::to_string(seen.hours_compared) +
                 " slower than every peer; measurement " + std::to_string(worst.measurement) + " took " +
                 in_text(worst.own)},
            {static_cast<double>(worst.against.count()),
             "the slowest of " + std::to_string(seen.peers) + " probes nearby took " + in_text(worst.against)},
            "fewer such hours in 24: correct the probe's place, or tell the operator why its line is slow"};
}

}  // namespace

round_trip_hour round_trip_of(profile const& who, probe_hour const& seen, target_list const& targets,
                              survey const& others, round_trip_limits const& limits)
{
    round_trip_hour out;
    if (!who.claimed) return out;
    auto const around = cell_of(*who.claimed);
    for (auto const& each : seen.targets) {
        auto const* const target = targets.find(each.measurement);
        if (target == nullptr || each.packets.hits == 0) continue;
        if (too_fast(who, *target, each) && !others.doubts_place(*target)) {
            note_too_fast(out, each, target->site, *least_possible(who, *target));
        }
        auto const highest = others.highest_round_trip(each.measurement, around, who.probe);
        if (highest) note_peers(out, each, *highest, limits);
    }
    return out;
}

verdict examine_round_trip(window_view window, round_trip_limits const& limits)
{
    auto const seen = add_up(window, limits);
    if (seen.hours_too_fast >= limits.hours_too_fast) return verdict::of(impossible(seen, limits));
    auto const judged = seen.hours_compared >= hours_to_judge;
    auto const share = judged ? static_cast<double>(seen.hours_above) / static_cast<double>(seen.hours_compared) : 0;
    if (judged && share >= limits.share_of_hours) return verdict::of(above_all(seen));
    return window.size() < hours_to_clear ? verdict::none() : verdict::clean();
}

}  // namespace tp::registry::detect
