#include "registry/detect/mass_guard.hpp"

#include <algorithm>
#include <array>
#include <charconv>

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

std::map<group, count> count_groups(std::span<guarded const> probes)
{
    std::map<group, count> out;
    for (auto const& each : probes) {
        for (auto const& group : each.in) {
            auto& into = out[group];
            ++into.probes;
            for (std::size_t i = 0; i < rule_count; ++i) into.troubled[i] += each.trouble[i] ? 1 : 0;
        }
    }
    return out;
}

constexpr unsigned version_bits = 20;  // of each part
constexpr std::uint64_t is_version = std::uint64_t{1} << 63U, version_part = (1U << version_bits) - 1;

std::string release_text(std::uint64_t value)
{
    if ((value & is_version) == 0) return std::to_string(value);
    auto const part = [&](unsigned place) { return std::to_string((value >> (place * version_bits)) & version_part); };
    return part(2) + '.' + part(1) + '.' + part(0);
}

std::uint64_t letters(country_code country)
{
    auto const text = country.text();
    return (static_cast<std::uint64_t>(text[0]) << 8U) | static_cast<std::uint64_t>(text[1]);
}

/// Probes of one release that is not allowed have that in common, and it is no excuse. A floor that was raised by
/// mistake shows in the other groups.
bool is_its_own_reason(group const& of, rule by)
{
    return of.by == shared::release && by == rule::firmware;
}

std::string sentence(held_group const& what, extent const& how_far)
{
    return std::to_string(how_far.affected) + " of " + std::to_string(how_far.of) + " probes of " +
           in_text(what.which) + " have trouble by the rule " + std::string(name(what.by)) +
           ": none of them is isolated until it has passed, or an operator decides";
}

/// How many of these probes an event explains.
std::size_t explained(held_group const& what, std::span<held_probe const> probes)
{
    return static_cast<std::size_t>(std::count_if(probes.begin(), probes.end(), [&](auto const& each) {
        return each.accused[index(what.by)] && std::find(each.in.begin(), each.in.end(), what.which) != each.in.end();
    }));
}

void cross_out(held_group const& what, std::vector<held_probe>& probes)
{
    for (auto& each : probes) {
        if (std::find(each.in.begin(), each.in.end(), what.which) != each.in.end()) each.accused.reset(index(what.by));
    }
}

/// The event that explains most, and of equal ones the one with the larger share of its group; none when all are
/// explained.
mass_events::value_type* best_explanation(mass_events& events, std::span<held_probe const> probes)
{
    mass_events::value_type* best = nullptr;
    std::pair<std::size_t, double> best_score{0, 0};
    for (auto& each : events) {
        auto const share = static_cast<double>(each.second.affected) / std::max(each.second.of, 1U);
        std::pair const score{explained(each.first, probes), share};
        if (score.first == 0 || score <= best_score) continue;
        best = &each;
        best_score = score;
    }
    return best;
}

}  // namespace

std::uint64_t release_of_version(std::string_view version) noexcept
{
    std::uint64_t out = 0;
    for (int left = 3; left > 0; --left) {
        std::uint64_t part = 0;
        auto const* const last = version.data() + version.size();
        auto const [end, error] = std::from_chars(version.data(), last, part);
        bool const separated = left == 1 ? end == last : end != last && *end == '.';
        if (error != std::errc{} || part >= 1'000'000 || !separated) return 0;
        out = out << version_bits | part;
        version.remove_prefix(std::min(version.size(), static_cast<std::size_t>(end - version.data()) + 1));
    }
    return out | is_version;
}

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
            return "release " + release_text(of.value);
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

void memberships::note(membership now, hour_time hour)
{
    if (now == now_) return;
    before_ = now_;
    now_ = now;
    changed_ = hour;
}

std::vector<group> memberships::groups(hour_time hour) const
{
    auto out = now_.groups();
    if (!changed_ || hour >= *changed_ + longest_window) return out;
    for (auto const& each : before_.groups()) {
        if (std::find(out.begin(), out.end(), each) == out.end()) out.push_back(each);
    }
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

void find_mass_events(mass_events& events, std::span<guarded const> probes, hour_time hour, guard_limits const& limits)
{
    std::erase_if(events, [&](auto const& one) { return one.second.last + longest_window <= hour; });
    for (auto const& [group, of] : count_groups(probes)) {
        auto const& limit = limits.by_group[static_cast<std::size_t>(group.by)];
        for (std::size_t i = 0; i < rule_count; ++i) {
            if (of.troubled[i] < limit.probes || of.troubled[i] < limit.share * of.probes) continue;
            if (is_its_own_reason(group, static_cast<rule>(i))) continue;
            auto& event = events[{group, static_cast<rule>(i)}];
            event = {of.troubled[i], of.probes, hour, event.alerted};
        }
    }
}

rule_set held_rules(std::span<group const> of, mass_events const& events)
{
    rule_set out;
    if (events.empty()) return out;
    for (auto const& group : of) {
        for (std::size_t i = 0; i < rule_count; ++i) {
            if (events.contains({group, static_cast<rule>(i)})) out.set(i);
        }
    }
    return out;
}

mass_events::value_type const* holding_event(std::span<group const> of, rule by, mass_events const& events)
{
    mass_events::value_type const* out = nullptr;
    auto const share = [](extent const& of_group) {
        return static_cast<double>(of_group.affected) / std::max(of_group.of, 1U);
    };
    for (auto const& group : of) {
        auto const found = events.find({group, by});
        if (found != events.end() && (out == nullptr || share(found->second) > share(out->second))) out = &*found;
    }
    return out;
}

std::string in_text(mass_events::value_type const& event)
{
    return in_text(event.first.which) + ": " + std::to_string(event.second.affected) + " of " +
           std::to_string(event.second.of) + " probes have trouble by this rule";
}

std::vector<alert> raise_alerts(std::vector<held_probe> held, mass_events& events)
{
    for (auto const& [what, how_far] : events) {
        if (how_far.alerted) cross_out(what, held);
    }
    std::vector<alert> out;
    while (auto* const best = best_explanation(events, held)) {
        best->second.alerted = true;
        out.push_back({best->first, best->second, sentence(best->first, best->second)});
        cross_out(best->first, held);
    }
    return out;
}

}  // namespace tp::registry::detect
