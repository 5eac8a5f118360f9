#include "registry/rollout/judge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "proto/version_report.hpp"

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

/// Whether a release that breaks `share_broken` of the probes would have shown no more bad ones, by chance, in hardly
/// any rollout: the bound of Chernoff, P(X <= bad) <= exp(-ended * D(bad / ended || share_broken)).
bool speaks_against(double share_broken, double bad, double ended)
{
    constexpr double hardly_any = 0.002;
    if (ended == 0 || bad >= share_broken * ended) return false;
    double const seen = bad / ended;
    double const of_bad = bad == 0 ? 0 : seen * std::log(seen / share_broken);
    return ended * (of_bad + (1 - seen) * std::log((1 - seen) / (1 - share_broken))) >= -std::log(hardly_any);
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

tally count(std::span<member const> all, absences const& gone, definition const& what, wall_time now)
{
    tally out;
    for (auto const& one : all) {
        switch (one.is) {
            case stage::planned:
                ++out.planned;
                break;
            case stage::sent:
                ++out.sent;
                // By when it was told alone: one that comes and goes is not waited for again each time.
                out.reachable += one.connected && now - one.since <= longest_wait(what) ? 1 : 0;
                break;
            case stage::begun:
                ++out.begun;
                out.away += one.connected ? 0 : 1;
                break;
            case stage::back:
                ++out.back;
                break;
            case stage::done:
                ++out.done;
                break;
            case stage::failed:
                ++out.failed;
                out.unheard += one.cause == proto::version_report::failure::not_committed ? 1 : 0;
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
    auto const failed = seen.failed - seen.unheard;
    if (failed > std::max(at.few_failed, part_of(begun, at.failed)))
        return shown(failed, begun, "probes that began went back or could not install it");
    auto const by_chance = std::min(whole, at.silent + 2 * usually_absent);
    if (seen.quiet() > std::max(at.few_silent, part_of(begun, by_chance)))
        return shown(seen.quiet(), begun, "probes that began were not heard again in time");
    return {};
}

std::uint32_t room(tally const& seen, std::size_t fleet, mode how)
{
    constexpr double bearable = 0.05;
    constexpr std::uint32_t least = 20;
    auto const ended = seen.done + seen.back + seen.bad();
    auto const open = seen.reachable + seen.begun;
    auto const always = std::max(least, static_cast<std::uint32_t>(fleet / 100));
    if (ended + open < always) return always - ended - open;
    if (how == mode::forced ? open != 0 : seen.away != 0) return 0;
    if (speaks_against(bearable, seen.bad() + seen.begun, ended + seen.begun))
        return std::numeric_limits<std::uint32_t>::max();
    auto const together = std::max(least, how == mode::forced ? ended * 4 / 5 : ended * 2 / 5);
    return together > open ? together - open : 0;
}

std::string reason_to_stop_after(tally const& seen, limits const& at)
{
    auto const ended = seen.done + seen.back + seen.bad();
    if (seen.bad() <= std::max(at.few_failed, part_of(ended, whole - at.success))) return {};
    return shown(ended - seen.bad(), ended, "probes succeeded, and ") + text_of(at.success) + " have to";
}

}  // namespace tp::registry::rollout
