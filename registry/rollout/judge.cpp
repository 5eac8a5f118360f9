#include "registry/rollout/judge.hpp"

#include <algorithm>
#include <unordered_map>

namespace tp::registry::rollout {
namespace {

/// Whose being there has nothing to do with the update: not begun, or long done.
bool is_other(member const& one, definition const& what, wall_time now)
{
    switch (one.is) {
        case stage::planned:
        case stage::sent:
        case stage::excused:
            return true;
        case stage::done:
            return now - one.since > what.back_within;
        case stage::begun:
        case stage::back:
        case stage::failed:
        case stage::silent:
        case stage::withdrawn:
            break;
    }
    return false;
}

struct others {
    std::uint32_t here = 0, gone = 0;
    share gone_share() const noexcept { return here + gone == 0 ? 0 : whole * gone / (here + gone); }
};

void add(others& to, bool gone)
{
    (gone ? to.gone : to.here) += 1;
}

bool is_dark(others const& seen) noexcept
{
    return seen.here + seen.gone >= absences::least_others && seen.gone_share() >= absences::outage;
}

std::uint32_t part_of(std::uint32_t all, share of) noexcept
{
    return static_cast<std::uint32_t>(std::uint64_t{all} * of / whole);
}

}  // namespace

absences::absences(std::span<member const> all, definition const& what, wall_time now)
{
    // An outage is over long before a probe that was gone for so long says anything about it.
    auto const remembered = 2 * what.back_within;
    others everybody;
    std::unordered_map<std::uint32_t, others> networks;
    std::unordered_map<std::string_view, others> countries;
    for (auto const& one : all) {
        if (!is_other(one, what, now)) continue;
        auto const gone_for = now - one.status_since;
        if (!one.connected && gone_for > remembered) continue;  // it was away anyway
        if (one.connected || gone_for <= what.back_within) add(everybody, !one.connected);
        if (one.asn) add(networks[*one.asn], !one.connected);
        if (!one.country.empty()) add(countries[one.country], !one.connected);
    }
    usual_ = everybody.gone_share();
    for (auto const& [number, seen] : networks) {
        if (is_dark(seen)) dark_networks_.push_back(number);
    }
    for (auto const& [name, seen] : countries) {
        if (is_dark(seen)) dark_countries_.emplace_back(name);
    }
    std::sort(dark_networks_.begin(), dark_networks_.end());
    std::sort(dark_countries_.begin(), dark_countries_.end());
}

bool absences::dark(member const& one) const
{
    return (one.asn && std::binary_search(dark_networks_.begin(), dark_networks_.end(), *one.asn)) ||
           std::binary_search(dark_countries_.begin(), dark_countries_.end(), one.country);
}

tally count(std::span<member const> all, absences const& gone)
{
    tally out;
    for (auto const& one : all) {
        switch (one.is) {
            case stage::planned:
                ++out.planned;
                break;
            case stage::sent:
                ++out.sent;
                out.reachable += one.connected ? 1 : 0;
                break;
            case stage::begun:
                ++out.begun;
                break;
            case stage::back:
                ++out.back;
                break;
            case stage::done:
                ++out.done;
                break;
            case stage::failed:
                ++out.failed;
                break;
            case stage::silent:
                ++out.silent;
                out.dark += gone.dark(one) ? 1 : 0;
                break;
            case stage::excused:
                ++out.excused;
                break;
            case stage::withdrawn:
                ++out.withdrawn;
                break;
        }
    }
    return out;
}

std::string shown(std::uint32_t part, std::uint32_t of, std::string_view what)
{
    return std::to_string(part) + " of " + std::to_string(of) + ' ' + std::string(what);
}

std::string reason_to_halt(tally const& seen, share usually_absent, limits const& at)
{
    auto const begun = seen.touched();
    if (seen.failed > std::max(at.few_failed, part_of(begun, at.failed)))
        return shown(seen.failed, begun, "probes that began went back or could not install it");
    auto const by_chance = std::min(whole, at.silent + 2 * usually_absent);
    if (seen.quiet() > std::max(at.few_silent, part_of(begun, by_chance)))
        return shown(seen.quiet(), begun, "probes that began were not heard again in time");
    return {};
}

std::string reason_to_stop_after(tally const& seen, limits const& at)
{
    auto const ended = seen.done + seen.back + seen.bad();
    if (seen.bad() <= std::max(at.few_failed, part_of(ended, whole - at.success))) return {};
    return shown(ended - seen.bad(), ended, "probes succeeded, and ") + text_of(at.success) + " have to";
}

}  // namespace tp::registry::rollout
