#include "registry/detect/policy.hpp"

#include <algorithm>

namespace tp::registry::detect {
namespace {

constexpr std::uint32_t hours_of_window = static_cast<std::uint32_t>(longest_window.count());

void continue_row(std::optional<hour_time>& since, bool holds, hour_time hour)
{
    if (!holds) {
        since.reset();
    } else if (!since) {
        since = hour;
    }
}

bool listened_to(std::size_t rule, policy_settings const& settings)
{
    return settings.modes[rule] != mode::off;
}

rule_set warned(history const& of)
{
    rule_set out;
    for (std::size_t i = 0; i < rule_count; ++i) out[i] = of.troubles[i].warned_since.has_value();
    return out;
}

/// A note does not speak against a probe.
bool speaks_for(verdict const& found)
{
    return found.is == outcome::clean || (found.is == outcome::found && !found.at_least(severity::warning));
}

bool all_speak_for(rule_set rules, verdicts const& found, policy_settings const& settings)
{
    for (std::size_t i = 0; i < rule_count; ++i) {
        if (rules[i] && listened_to(i, settings) && !speaks_for(found[i])) return false;
    }
    return true;
}

std::uint32_t windows_to_wait(history const& of, policy_settings const& settings)
{
    if (of.now == standing::suspect) return settings.suspect_windows;
    auto const first = of.now == standing::isolated ? settings.isolated_windows : settings.probation_windows;
    constexpr std::uint32_t most_doublings = 8;
    auto const doublings = std::min(of.isolations > 0 ? of.isolations - 1 : 0, most_doublings);
    return std::min(first << doublings, settings.most_windows);
}

std::optional<rule> first_of(rule_set rules)
{
    for (std::size_t i = 0; i < rule_count; ++i) {
        if (rules[i]) return static_cast<rule>(i);
    }
    return std::nullopt;
}

std::string reason(rule by, verdicts const& found)
{
    auto const& what = found[index(by)].what;
    return std::string(name(by)) + (what ? ": " + what->saw.text : "");
}

void isolate(history& of, rule_set by, hour_time hour)
{
    of.now = standing::isolated;
    of.held_against = by;
    of.clean_hours = 0;
    ++of.isolations;
    of.isolated_at = hour;
}

std::optional<proposal> way_back(history& of, policy_settings const& settings)
{
    if (of.now == standing::active) return std::nullopt;
    auto const windows = windows_to_wait(of, settings);
    if (of.clean_hours < windows * hours_of_window) return std::nullopt;
    auto const to_probation = of.now == standing::isolated;
    of.now = to_probation ? standing::probation : standing::active;
    of.clean_hours = 0;
    if (!to_probation) of.held_against.reset();
    return proposal{to_probation ? move::probation : move::release, true, std::nullopt,
                    std::to_string(windows * hours_of_window) + " h in session without a warning"};
}

}  // namespace

std::string_view name(move of) noexcept
{
    switch (of) {
        case move::suspect:
            return "suspect";
        case move::isolate:
            return "isolate";
        case move::probation:
            return "probation";
        case move::release:
            return "release";
    }
    return "";
}

std::array<mode, rule_count> policy_settings::usual_modes()
{
    std::array<mode, rule_count> out{};
    out.fill(mode::isolate);
    out[index(rule::flapping)] = mode::propose;
    return out;
}

std::array<std::chrono::hours, rule_count> policy_settings::usual_patience()
{
    std::array<std::chrono::hours, rule_count> out{};
    out.fill(std::chrono::hours{2});
    out[index(rule::peers)] = std::chrono::hours{10};
    return out;
}

void remember(history& of, verdicts const& found, hour_time hour, policy_settings const& settings)
{
    for (std::size_t i = 0; i < rule_count; ++i) {
        auto const listened = listened_to(i, settings);
        continue_row(of.troubles[i].warned_since, listened && found[i].at_least(severity::warning), hour);
        continue_row(of.troubles[i].grave_since, listened && found[i].at_least(severity::grave), hour);
        if (!of.troubles[i].grave_since) of.proposed.reset(i);
    }
    if (warned(of).any()) {
        of.clean_hours = 0;
    } else if (all_speak_for(of.held_against, found, settings)) {
        ++of.clean_hours;
    }
}

rule_set accusers(history const& of, hour_time hour, policy_settings const& settings)
{
    rule_set out;
    if (of.now == standing::isolated) return out;
    for (std::size_t i = 0; i < rule_count; ++i) {
        if (settings.modes[i] != mode::isolate) continue;
        auto const& trouble = of.troubles[i];
        auto const ripe = trouble.grave_since && hour >= *trouble.grave_since + settings.patience[i];
        // Who is on probation is not given the benefit of the doubt a second time.
        auto const again = of.now == standing::probation && trouble.warned_since && of.held_against[i];
        out[i] = ripe || again;
    }
    return out;
}

std::vector<proposal> propose(history& of, verdicts const& found, hour_time hour, rule_set held,
                              policy_settings const& settings)
{
    std::vector<proposal> out;
    auto const doubts = warned(of);
    if (of.now == standing::active && doubts.any()) {
        auto const by = *first_of(doubts);
        of.now = standing::suspect;
        out.push_back({move::suspect, true, by, reason(by, found)});
    }
    if (of.now == standing::suspect) of.held_against |= doubts;
    auto const against = accusers(of, hour, settings) & ~held;
    if (against.any()) {
        auto const by = *first_of(against);
        isolate(of, against | (of.held_against & doubts), hour);
        out.push_back({move::isolate, true, by, reason(by, found)});
        return out;
    }
    for (std::size_t i = 0; i < rule_count; ++i) {
        auto const asks = settings.modes[i] == mode::propose && of.troubles[i].grave_since && !of.proposed[i];
        if (!asks || of.now == standing::isolated) continue;
        of.proposed.set(i);
        out.push_back({move::isolate, false, static_cast<rule>(i), reason(static_cast<rule>(i), found)});
    }
    if (auto back = way_back(of, settings)) out.push_back(std::move(*back));
    return out;
}

}  // namespace tp::registry::detect
