#include "registry/detect/mass_guard.hpp"

#include <array>

namespace tp::registry::detect {
namespace {

struct count {
    std::uint32_t probes = 0;
    std::array<std::uint32_t, rule_count> troubled{};
};

bool recent(std::optional<hour_time> const& since, hour_time hour, guard_limits const& limits)
{
    return since && hour < *since + limits.together;
}

std::uint64_t letters(country_code country)
{
    auto const text = country.text();
    return (static_cast<std::uint64_t>(text[0]) << 8U) | static_cast<std::uint64_t>(text[1]);
}

}  // namespace

std::string_view name(shared of) noexcept
{
    switch (of) {
        case shared::as:
            return "AS";
        case shared::country:
            return "country";
        case shared::controller:
            return "controller";
        case shared::release:
            return "release";
        case shared::fleet:
            return "fleet";
    }
    return "";
}

std::string in_text(group const& of)
{
    switch (of.by) {
        case shared::as:
            return in_text(static_cast<as_number>(of.value));
        case shared::country:
            return "country " + std::string{static_cast<char>(of.value >> 8U), static_cast<char>(of.value & 0xFFU)};
        case shared::controller:
            return "controller " + std::to_string(of.value);
        case shared::release:
            return "release " + std::to_string(of.value);
        case shared::fleet:
            break;
    }
    return "the fleet";
}

std::vector<group> membership::groups() const
{
    std::vector<group> out{{shared::fleet, 0}};
    if (as != as_number::unknown) out.push_back({shared::as, static_cast<std::uint64_t>(as)});
    if (country.known()) out.push_back({shared::country, letters(country)});
    if (controller) out.push_back({shared::controller, static_cast<std::uint64_t>(controller->value())});
    if (release != 0) out.push_back({shared::release, release});
    return out;
}

rule_set trouble_of_now(history const& past, hour_time hour, guard_limits const& limits)
{
    rule_set out;
    for (std::size_t i = 0; i < rule_count; ++i) {
        auto const& trouble = past.troubles[i];
        if (past.now == standing::isolated) {
            out[i] = past.held_against[i] && recent(past.isolated_at, hour, limits);
        } else {
            out[i] = trouble.grave_since.has_value() || recent(trouble.warned_since, hour, limits);
        }
    }
    return out;
}

holds find_mass_events(std::span<guarded const> probes, guard_limits const& limits)
{
    std::map<group, count> counts;
    for (auto const& each : probes) {
        for (auto const& group : each.of.groups()) {
            auto& into = counts[group];
            ++into.probes;
            for (std::size_t i = 0; i < rule_count; ++i) into.troubled[i] += each.trouble[i] ? 1 : 0;
        }
    }
    holds out;
    for (auto const& [group, of] : counts) {
        auto const& limit = limits.by_group[static_cast<std::size_t>(group.by)];
        for (std::size_t i = 0; i < rule_count; ++i) {
            auto const many = of.troubled[i] >= limit.probes && of.troubled[i] >= limit.share * of.probes;
            if (many) out.emplace(held_group{group, static_cast<rule>(i)}, extent{of.troubled[i], of.probes});
        }
    }
    return out;
}

rule_set held_rules(membership const& of, holds const& events)
{
    rule_set out;
    if (events.empty()) return out;
    for (auto const& group : of.groups()) {
        for (std::size_t i = 0; i < rule_count; ++i) {
            if (events.contains({group, static_cast<rule>(i)})) out.set(i);
        }
    }
    return out;
}

alert make_alert(held_group const& what, extent how_far)
{
    return {what, how_far,
            std::to_string(how_far.affected) + " of " + std::to_string(how_far.of) + " probes of " +
                in_text(what.which) + " have trouble by the rule " + std::string(name(what.by)) +
                ": none of them is isolated until an operator has looked or it has passed"};
}

}  // namespace tp::registry::detect
