#include "registry/watch/watched_fleet.hpp"

#include <unordered_map>

#include "registry/detect/mass_guard.hpp"

namespace tp::registry {
namespace {

using detect::history;
using detect::rule_set;
using store::trust_state;

/// @pre a state that watched_probes() asks for.
detect::standing standing_of(trust_state state) noexcept
{
    switch (state) {
        case trust_state::suspect:
            return detect::standing::suspect;
        case trust_state::isolated:
            return detect::standing::isolated;
        case trust_state::probation:
            return detect::standing::probation;
        default:
            return detect::standing::active;
    }
}

trust_state state_of(detect::standing standing) noexcept
{
    switch (standing) {
        case detect::standing::suspect:
            return trust_state::suspect;
        case detect::standing::isolated:
            return trust_state::isolated;
        case detect::standing::probation:
            return trust_state::probation;
        case detect::standing::active:
            break;
    }
    return trust_state::active;
}

rule_set rules_in(std::vector<std::string> const& names)
{
    rule_set out;
    for (auto const& each : names) {
        if (auto const found = detect::rule_named(each)) out.set(detect::index(*found));
    }
    return out;
}

std::vector<std::string> names_of(rule_set rules)
{
    std::vector<std::string> out;
    for (std::size_t i = 0; i < detect::rule_count; ++i) {
        if (rules[i]) out.emplace_back(detect::name(static_cast<detect::rule>(i)));
    }
    return out;
}

history history_from(std::optional<store::watch_memory> const& memory)
{
    history out;
    if (!memory) return out;
    out.now = standing_of(memory->left_in);
    out.held_against = rules_in(memory->held_against);
    out.proposed = rules_in(memory->proposed);
    out.clean_hours = memory->clean_rounds;
    out.isolations = memory->isolations;
    if (memory->isolated_at) out.isolated_at = detect::hour_time(std::chrono::hours{*memory->isolated_at});
    return out;
}

/// None for a probe of which nothing is worth it.
std::optional<store::watch_memory> memory_of(history const& past)
{
    if (past.now == detect::standing::active && past.isolations == 0 && past.proposed.none()) return std::nullopt;
    store::watch_memory out{.left_in = state_of(past.now)};
    out.held_against = names_of(past.held_against);
    out.proposed = names_of(past.proposed);
    // An active probe waits for nothing: its row need not change every round.
    out.clean_rounds = past.now == detect::standing::active ? 0 : past.clean_hours;
    out.isolations = past.isolations;
    if (past.isolated_at) out.isolated_at = past.isolated_at->time_since_epoch().count();
    return out;
}

void heed(detect::subject& of, trust_state word)
{
    auto const now = standing_of(word);
    if (of.past.now == now) return;
    of.past.now = now;
    of.past.clean_hours = 0;
    if (now != detect::standing::active) return;
    of.recent = {};
    of.past.troubles = {};
    of.past.held_against.reset();
    of.past.proposed.reset();
}

detect::profile profile_of(store::watched_probe const& probe)
{
    detect::profile out{.probe = probe.probe};
    if (probe.latitude && probe.longitude) {
        auto const place = detect::coordinates::from(*probe.latitude, *probe.longitude);
        if (place) out.claimed = *place;
    }
    out.home_as = static_cast<detect::as_number>(probe.home_as.value_or(0));
    out.release = detect::release_of_version(probe.software);
    return out;
}

}  // namespace

void watched_fleet::renew(std::vector<store::watched_probe> now)
{
    std::unordered_map<probe_id, detect::subject> before;
    for (auto& each : subjects_) before.emplace(each.who.probe, std::move(each));
    subjects_.clear();
    subjects_.reserve(now.size());
    for (auto const& each : now) {
        auto const known = before.find(each.probe);
        if (known != before.end())
            subjects_.push_back(std::move(known->second));
        else
            subjects_.push_back({profile_of(each), {}, history_from(each.remembered), {}});
        subjects_.back().who = profile_of(each);
        heed(subjects_.back(), each.trust.state);
    }
    stored_ = std::move(now);
}

void watched_fleet::clear() noexcept
{
    subjects_.clear();
    stored_.clear();
}

std::vector<detect::probe_hour const*> watched_fleet::choose(probe_hours& seen, store::time_span span) const
{
    std::vector<detect::probe_hour const*> out;
    out.reserve(subjects_.size());
    for (auto const& each : stored_) {
        auto const found = seen.find(each.probe);
        bool const unsettled = each.trust.since > span.from;
        if (found == seen.end() || (unsettled && each.trust.state == trust_state::active)) {
            out.push_back(nullptr);
            continue;
        }
        if (unsettled) found->second.deliveries.expected = 0;
        out.push_back(&found->second);
    }
    return out;
}

void watched_fleet::settle(std::size_t subject, trust_state state)
{
    subjects_[subject].past.now = standing_of(state);
}

void watched_fleet::forget_proposals()
{
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
        auto const troubles = subjects_[i].past.troubles;
        subjects_[i].past = history_from(stored_[i].remembered);
        subjects_[i].past.now = standing_of(stored_[i].trust.state);
        subjects_[i].past.troubles = troubles;
    }
}

std::vector<store::remembered_probe> watched_fleet::to_remember() const
{
    std::vector<store::remembered_probe> out;
    for (std::size_t i = 0; i < subjects_.size(); ++i) {
        auto memory = memory_of(subjects_[i].past);
        if (memory != stored_[i].remembered) out.push_back({stored_[i].probe, std::move(memory)});
    }
    return out;
}

}  // namespace tp::registry
