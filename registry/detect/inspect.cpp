#include "registry/detect/inspect.hpp"

#include <algorithm>

namespace tp::registry::detect {
namespace {

/// Whom others are compared with, and who counts in a group.
bool trusted(history const& past)
{
    return past.now == standing::active || past.now == standing::suspect;
}

/// A probe that something may follow for.
struct open_case {
    subject* who;
    verdicts found;
};

class round {
public:
    round(hour_time hour, std::span<subject> fleet, std::span<probe_hour const* const> seen, settings const& settings)
        : hour_(hour), fleet_(fleet), seen_(seen), settings_(settings)
    {
    }

    survey ask_all(target_list const& targets) const
    {
        survey out(targets, settings_.rules.survey);
        for (std::size_t i = 0; i < fleet_.size(); ++i) {
            if (seen_[i] != nullptr && trusted(fleet_[i].past)) out.add(fleet_[i].who, *seen_[i]);
        }
        return out;
    }

    void condense_all(target_list const& targets, survey const& others, firmware_catalogue const& signed_ones)
    {
        network_tally networks;
        facts_.resize(fleet_.size());
        for (std::size_t i = 0; i < fleet_.size(); ++i) {
            if (seen_[i] == nullptr) continue;
            facts_[i] = condense(fleet_[i].who, *seen_[i], targets, others, signed_ones, settings_.rules);
            if (trusted(fleet_[i].past)) networks.add(*seen_[i], facts_[i].peers);
        }
        for (std::size_t i = 0; i < fleet_.size(); ++i) {
            fleet_[i].recent.forget_before(hour_);
            if (seen_[i] == nullptr) continue;
            if (fleet_[i].recent.view().empty()) fleet_[i].past.troubles = {};  // they were of another time
            networks.excuse(*seen_[i], facts_[i].peers, trusted(fleet_[i].past), settings_.rules.peers);
            fleet_[i].recent.add(std::move(facts_[i]));
        }
    }

    void examine_all(round_report& report)
    {
        report.clean.resize(fleet_.size());
        for (std::size_t i = 0; i < fleet_.size(); ++i) {
            if (seen_[i] == nullptr) continue;
            auto& each = fleet_[i];
            each.groups.note({seen_[i]->as, seen_[i]->country, seen_[i]->controller, each.who.release}, hour_);
            auto found = examine(each.recent.view(), settings_.rules);
            note(each.who.probe, found, report.clean[i], report);
            remember(each.past, found, hour_, settings_.policy);
            auto const warned = std::any_of(found.begin(), found.end(),
                                            [](auto const& one) { return one.at_least(severity::warning); });
            if (warned || each.past.now != standing::active) cases_.push_back({&each, std::move(found)});
        }
    }

    void guard(mass_events& events) const
    {
        std::vector<guarded> counted;
        counted.reserve(fleet_.size());
        for (auto const& each : fleet_) {
            if (each.recent.view().empty()) continue;
            auto const trouble = trouble_of_now(each.past, hour_, settings_.guard);
            if (each.past.now == standing::isolated && trouble.none()) continue;
            counted.push_back({each.groups.groups(hour_), trouble});
        }
        find_mass_events(events, counted, hour_, settings_.guard);
    }

    void decide(mass_events& events, round_report& report)
    {
        std::vector<held_probe> held_back;
        for (auto& each : cases_) {
            auto groups = each.who->groups.groups(hour_);
            auto const held = held_rules(groups, events);
            auto const accused = accusers(each.who->past, hour_, settings_.policy) & held;
            note_held(each.who->who.probe, groups, accused, events, report);
            if (accused.any()) held_back.push_back({std::move(groups), accused});
            for (auto& move : propose(each.who->past, each.found, hour_, held, settings_.policy)) {
                auto because = move.by ? each.found[index(*move.by)].what : std::nullopt;
                report.proposals.push_back({each.who->who.probe, std::move(move), std::move(because)});
            }
        }
        report.alerts = raise_alerts(std::move(held_back), events);
    }

private:
    static void note(probe_id probe, verdicts const& found, rule_set& clean, round_report& report)
    {
        for (std::size_t i = 0; i < rule_count; ++i) {
            clean[i] = found[i].is == outcome::clean;
            if (found[i].what) report.findings.push_back({probe, *found[i].what});
        }
    }

    static void note_held(probe_id probe, std::vector<group> const& groups, rule_set accused, mass_events const& events,
                          round_report& report)
    {
        for (std::size_t i = 0; i < rule_count; ++i) {
            auto const by = static_cast<rule>(i);
            auto const* const event = accused[i] ? holding_event(groups, by, events) : nullptr;
            if (event != nullptr) report.held.push_back({probe, by, in_text(*event)});
        }
    }

    hour_time hour_;
    std::span<subject> fleet_;
    std::span<probe_hour const* const> seen_;
    settings const& settings_;
    std::vector<hour_facts> facts_;
    std::vector<open_case> cases_;
};

}  // namespace

round_report inspect(hour_time hour, std::span<subject> fleet, std::span<probe_hour const* const> seen,
                     target_list const& targets, firmware_catalogue const& signed_ones, settings const& settings,
                     mass_events& events)
{
    round_report report;
    round now(hour, fleet, seen, settings);
    auto const others = now.ask_all(targets);
    now.condense_all(targets, others, signed_ones);
    now.examine_all(report);
    now.guard(events);
    now.decide(events, report);
    report.doubted_sites = others.doubted_sites();
    report.doubted_canaries = others.doubted_canaries();
    return report;
}

}  // namespace tp::registry::detect
