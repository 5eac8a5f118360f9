#include "registry/detect/survey.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace tp::registry::detect {
namespace {

constexpr double levels_an_octave = 8;
constexpr double lowest_round_trip = 0.25;                   // ms
constexpr float offset_step = 100, lowest_offset = -10'000;  // ms
constexpr double answers = 0.05;                             // a lower share of answered packets counts as none

std::size_t octave_level(double value, double lowest, std::size_t levels)
{
    if (!(value > lowest)) return 0;
    return std::min(static_cast<std::size_t>(std::log2(value / lowest) * levels_an_octave), levels - 1);
}

/// What all values of a level stay below.
double octave_top(std::size_t level, double lowest)
{
    return lowest * std::exp2(static_cast<double>(level + 1) / levels_an_octave);
}

/// The level below which this share of all lies.
std::size_t quantile(std::span<std::uint32_t const> counts, double share)
{
    auto const all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    auto const wanted = static_cast<double>(all) * share;
    double below = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        below += counts[i];
        if (below > wanted) return i;
    }
    return counts.size() - 1;
}

}  // namespace

survey::survey(target_list const& targets, survey_limits const& limits) : targets_(targets), limits_(limits)
{
}

std::uint64_t survey::key(measurement_id measurement, cell around) noexcept
{
    return (static_cast<std::uint64_t>(measurement.value()) << 16U) | static_cast<std::uint64_t>(around);
}

void survey::note(spread& into, probe_id probe, target_hour const& seen)
{
    ++into.peers;
    ++into.success[static_cast<std::size_t>(seen.packets.share() * (success_levels - 1))];
    if (seen.packets.hits == 0) return;
    into.answered += seen.packets.share() > answers ? 1 : 0;
    auto const length = seen.least.count();
    ++into.round_trips[octave_level(length, lowest_round_trip, round_trip_levels)];
    if (length > into.highest.length) {
        into.second = into.highest;
        into.highest = {length, probe.value()};
    } else if (length > into.second.length) {
        into.second = {length, probe.value()};
    }
}

/// Each probe once for each site, whatever families it pings it by.
void survey::note_soonest(profile const& who, target_info const& target, target_hour const& seen)
{
    constexpr std::size_t most = 5;
    soonest one{seen.least.count(), who.probe.value(), too_fast(who, target, seen)};
    auto& best = soonest_[target.site];
    auto const same =
        std::find_if(best.begin(), best.end(), [&](auto const& other) { return other.probe == one.probe; });
    if (same != best.end()) {
        one = {std::min(one.length, same->length), one.probe, one.too_fast || same->too_fast};
        best.erase(same);
    }
    auto const place = std::upper_bound(best.begin(), best.end(), one,
                                        [](auto const& a, auto const& b) { return a.length < b.length; });
    best.insert(place, one);
    if (best.size() > most) best.pop_back();
}

void survey::note_sites(profile const& who, probe_hour const& seen)
{
    std::map<std::int32_t, bool> contradicted;
    for (auto const& each : seen.targets) {
        auto const* const target = targets_.find(each.measurement);
        if (target == nullptr || target->site == 0 || each.packets.hits == 0) continue;
        note_soonest(who, *target, each);
        contradicted[target->site] = contradicted[target->site] || too_fast(who, *target, each);
    }
    for (auto const& [site, contradicts] : contradicted) too_fast_[site].count(contradicts);
}

void survey::note_network(profile const& who, probe_hour const& seen)
{
    for (auto const& each : seen.canaries) {
        if (each.asked == 0) continue;
        canaries_[each.measurement].count(each.wrong > 0);
        canaries_by_as_[{seen.as, each.kind}].count(each.wrong > 0);
        canaries_by_country_[{seen.country, each.kind}].count(each.wrong > 0);
        if (who.country != seen.country) canaries_by_country_[{who.country, each.kind}].count(each.wrong > 0);
    }
    ++seen_by_home_[who.home_as][seen.as];
    ++seen_by_claim_[{seen.as, who.country}][seen.country];
}

void survey::add(profile const& who, probe_hour const& seen)
{
    auto const around = who.claimed ? cell_of(*who.claimed) : cell::everywhere;
    for (auto const& each : seen.targets) {
        if (each.packets.of == 0) continue;
        note(spreads_[key(each.measurement, cell::everywhere)], who.probe, each);
        if (around != cell::everywhere) note(spreads_[key(each.measurement, around)], who.probe, each);
    }
    note_sites(who, seen);
    note_network(who, seen);
    if (seen.clock && seen.controller) {
        auto const step = (seen.clock->offset.count() - lowest_offset) / offset_step;
        auto const bounded = std::clamp(step, 0.0F, static_cast<float>(offset_levels - 1));
        ++offsets_[*seen.controller][static_cast<std::size_t>(bounded + 0.5F)];
    }
    if (seen.deliveries.arrived > 0) {
        auto const each = static_cast<double>(seen.deliveries.octets) / seen.deliveries.arrived;
        ++octets_[octave_level(each, 1, octet_levels)];
    }
}

survey::spread const* survey::find(measurement_id measurement, cell around) const
{
    auto const found = spreads_.find(key(measurement, around));
    if (found == spreads_.end() || found->second.peers < limits_.least_peers) return nullptr;
    return &found->second;
}

std::optional<survey::level> survey::best_success(measurement_id measurement, cell around) const
{
    auto const* peers = find(measurement, around);
    if (peers == nullptr) peers = find(measurement, cell::everywhere);
    if (peers == nullptr) return std::nullopt;
    constexpr double all_but_the_best_quarter = 0.75;
    auto const best = quantile(peers->success, all_but_the_best_quarter);
    return level{static_cast<double>(best) / (success_levels - 1), peers->peers};
}

std::optional<survey::level> survey::highest_round_trip(measurement_id measurement, cell around, probe_id but) const
{
    auto const* const peers = find(measurement, around);
    if (peers == nullptr || peers->answered < limits_.least_peers) return std::nullopt;
    auto const& highest = peers->highest.probe == but.value() ? peers->second : peers->highest;
    return level{highest.length, peers->peers};
}

std::optional<survey::level> survey::usual_round_trip(measurement_id measurement, cell around) const
{
    auto const* const peers = find(measurement, around);
    if (peers == nullptr || peers->answered < limits_.least_peers) return std::nullopt;
    constexpr double nine_of_ten = 0.9;
    return level{octave_top(quantile(peers->round_trips, nine_of_ten), lowest_round_trip), peers->peers};
}

bool survey::nobody_reaches(measurement_id measurement) const
{
    auto const* const peers = find(measurement, cell::everywhere);
    if (peers == nullptr || peers->peers < limits_.least_for_dead) return false;
    constexpr std::uint32_t one_of_a_hundred = 100;
    return peers->answered <= 1 + peers->peers / one_of_a_hundred;
}

std::optional<survey::level> survey::octets_per_result() const
{
    auto const probes = std::accumulate(octets_.begin(), octets_.end(), std::uint32_t{0});
    if (probes < limits_.least_peers) return std::nullopt;
    return level{octave_top(quantile(octets_, 0.5), 1), probes};
}

bool survey::doubtful(tally of, double share) const noexcept
{
    return of.hits >= limits_.least_doubters && of.share() >= share;
}

bool survey::doubts_place(target_info const& target) const
{
    if (target.site == 0) return false;
    auto const all = too_fast_.find(target.site);
    if (all != too_fast_.end() && doubtful(all->second, limits_.misplaced_share)) return true;
    auto const found = soonest_.find(target.site);
    if (found == soonest_.end()) return false;
    auto const contradicting =
        std::count_if(found->second.begin(), found->second.end(), [](auto const& one) { return one.too_fast; });
    return contradicting >= static_cast<std::ptrdiff_t>(limits_.least_doubters);
}

/// Without the probe at hand, which has the trouble and was counted.
bool survey::shared(tally of, std::uint32_t least) const noexcept
{
    if (of.hits == 0) return false;
    tally const others{of.hits - 1, of.of - 1};
    return others.of >= least && others.share() >= limits_.network_share;
}

bool survey::network_answers(canary of, profile const& who, probe_hour const& seen) const
{
    auto const as = canaries_by_as_.find({seen.as, of});
    if (as != canaries_by_as_.end() && seen.as != as_number::unknown && shared(as->second, limits_.least_mates))
        return true;
    for (auto const& land : {seen.country, who.country}) {  // a database may be wrong about its address
        auto const country = canaries_by_country_.find({land, of});
        if (!land.known() || country == canaries_by_country_.end()) continue;
        if (shared(country->second, limits_.least_countrymen)) return true;
    }
    return false;
}

template <class Counts>
bool survey::most_are(Counts const& counts, typename Counts::key_type wanted) const
{
    tally of;
    for (auto const& [key, count] : counts) of += {key == wanted ? count : 0, count};
    return shared(of, limits_.least_mates);
}

bool survey::as_was_renumbered(as_number home, as_number seen) const
{
    auto const found = seen_by_home_.find(home);
    return found != seen_by_home_.end() && most_are(found->second, seen);
}

bool survey::database_is_wrong(as_number as, country_code claimed, country_code seen) const
{
    auto const found = seen_by_claim_.find({as, claimed});
    return found != seen_by_claim_.end() && most_are(found->second, seen);
}

bool survey::doubts_canary(canary_hour const& seen) const
{
    auto const found = canaries_.find(seen.measurement);
    return found != canaries_.end() && doubtful(found->second, limits_.broken_share);
}

std::vector<std::int32_t> survey::doubted_sites() const
{
    std::vector<std::int32_t> out;
    for (auto const& [site, of] : too_fast_) {
        if (doubts_place({measurement_id::from(1).value(), {}, {}, {}, site})) out.push_back(site);
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<measurement_id> survey::doubted_canaries() const
{
    std::vector<measurement_id> out;
    for (auto const& [measurement, of] : canaries_) {
        if (doubtful(of, limits_.broken_share)) out.push_back(measurement);
    }
    std::sort(out.begin(), out.end());
    return out;
}

bool survey::doubts_clock(controller_id controller) const
{
    auto const found = offsets_.find(controller);
    if (found == offsets_.end()) return false;
    auto const probes = std::accumulate(found->second.begin(), found->second.end(), std::uint32_t{0});
    if (probes < limits_.least_peers) return false;
    auto const median = lowest_offset + offset_step * static_cast<float>(quantile(found->second, 0.5));
    return std::abs(median) >= limits_.controller_clock_off.count();
}

}  // namespace tp::registry::detect
