#include "registry/detect/canary.hpp"

#include <algorithm>
#include <array>

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {

std::string_view name(canary of) noexcept
{
    switch (of) {
        case canary::unannounced_prefix:
            return "an address that nobody announces";
        case canary::closed_port:
            return "a closed port";
        case canary::absent_name:
            return "a name that does not exist";
        case canary::nonce:
            return "an anchor's nonce";
    }
    return "";
}

namespace {

struct seen_in_window {
    tally wrong;
    std::size_t hours_wrong = 0, hours_ghost = 0;  // the second without another success in that hour
    std::uint32_t nonces = 0, silent = 0;
    std::array<std::int32_t, 2> ghosts{};  // two different ones are enough
    double ghost_share = 0;
    canary_hour_facts last;

    void remember(std::int32_t ghost)
    {
        if (ghosts[0] == 0) {
            ghosts[0] = ghost;
        } else if (ghost != ghosts[0]) {
            ghosts[1] = ghost;
        }
    }
    std::size_t different_ghosts() const { return (ghosts[0] != 0 ? 1U : 0U) + (ghosts[1] != 0 ? 1U : 0U); }
};

seen_in_window add_up(window_view window)
{
    seen_in_window out;
    for (auto const& each : window) {
        auto const& hour = each.canary;
        out.wrong += hour.wrong;
        out.nonces += hour.nonces;
        out.silent += hour.silent;
        if (hour.wrong.hits > 0) {
            ++out.hours_wrong;
            out.last = hour;
        }
        if (hour.ghost == 0) continue;
        out.remember(hour.ghost);
        out.ghost_share = hour.ghost_share;
        out.hours_ghost += hour.wrong.hits == 0 ? 1 : 0;
    }
    return out;
}

std::string sentence(seen_in_window const& seen)
{
    std::string out;
    if (seen.hours_wrong > 0) {
        out = in_text(seen.wrong) + " canaries, in " + std::to_string(seen.hours_wrong) +
              " different hours, had an answer that cannot be; the last was " + std::string(name(seen.last.kind)) +
              " (measurement " + std::to_string(seen.last.measurement) + ")";
    }
    if (seen.different_ghosts() > 0) {
        auto const ghost = std::max(seen.ghosts[0], seen.ghosts[1]);
        out += (out.empty() ? "" : "; ") + std::string("measurement ") + std::to_string(ghost) + " was answered to " +
               percent(seen.ghost_share) + " when nobody else reached its target";
    }
    return out;
}

verdict silent(seen_in_window const& seen)
{
    tally const of{seen.silent, seen.nonces};
    return verdict::of({rule::canary,
                        severity::warning,
                        {of.share(), in_text(of) + " nonces were never told, although the anchors answered others"},
                        {0, "other probes hear them"},
                        "nonces that arrive: look whether a firewall lets DNS and HTTP to anchors pass"});
}

}  // namespace

canary_hour_facts canary_of(profile const& who, probe_hour const& seen, target_list const& targets,
                            survey const& others, canary_limits const& limits)
{
    canary_hour_facts out;
    for (auto const& each : seen.canaries) {
        if (others.doubts_canary(each) || (each.wrong > 0 && others.network_answers(each.kind, who, seen))) continue;
        out.wrong += {each.wrong, each.asked};
        if (each.kind == canary::nonce) {
            out.nonces += each.asked;
            out.silent += each.unanswered;
        }
        if (each.wrong == 0) continue;
        out.kind = each.kind;
        out.measurement = each.measurement.value();
    }
    for (auto const& each : seen.targets) {
        if (each.packets.share() < limits.reached || !others.nobody_reaches(each.measurement)) continue;
        auto const* const target = targets.find(each.measurement);
        // Inside the target's own network it may be reached although the rest of the world does not.
        if (target != nullptr && (target->as == seen.as || target->as == who.home_as)) continue;
        out.ghost = each.measurement.value();
        out.ghost_share = each.packets.share();
    }
    return out;
}

verdict examine_canary(window_view window, canary_limits const& limits)
{
    auto const seen = add_up(window);
    auto const hours = seen.hours_wrong + seen.hours_ghost;
    auto const evident = seen.hours_wrong > 0 || seen.different_ghosts() >= limits.different_targets;
    if (hours >= limits.warning_hours) {
        auto const grave = evident && hours >= limits.grave_hours;
        return verdict::of(
            {rule::canary,
             grave ? severity::grave : severity::warning,
             {static_cast<double>(hours), sentence(seen)},
             {static_cast<double>(limits.grave_hours), "nobody can have these answers; " +
                                                           std::to_string(limits.grave_hours) +
                                                           " different hours of 24 isolate the probe"},
             "24 h without one: look for a portal, proxy or DNS filter between the probe and the network"});
    }
    if (seen.nonces >= limits.nonces_to_judge && seen.silent >= limits.silent_share * seen.nonces) return silent(seen);
    return window.size() < hours_to_judge || seen.wrong.of == 0 ? verdict::none() : verdict::clean();
}

}  // namespace tp::registry::detect
