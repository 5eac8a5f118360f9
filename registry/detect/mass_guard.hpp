#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "registry/detect/policy.hpp"

/// Many probes that go bad together have one cause that is not theirs: an AS that fails, a controller with a wrong
/// clock, a release with a defect, a broken canary. The guard holds back their isolation and raises one alert.
namespace tp::registry::detect {

enum class shared : std::uint8_t { as, country, controller, release, fleet };
inline constexpr std::size_t shared_count = 5;
std::string_view name(shared of) noexcept;

/// The group of those who report this version ("1.2.3", parts below a million); 0 for a text that is none. Versions and
/// releases of signed firmware do not mix.
std::uint64_t release_of_version(std::string_view version) noexcept;

/// Probes that have something in common.
struct group {
    shared by{};
    std::uint64_t value = 0;  // AS number, the letters of a country, controller, release; 0 for the fleet
    auto operator<=>(group const&) const = default;
};
std::string in_text(group const& of);  // "AS64500", "country NL", "controller 3", "release 12", "the fleet"

/// The groups that a probe belongs to; what is unknown is in none.
struct membership {
    as_number as{};
    country_code country;
    std::optional<controller_id> controller;
    std::uint64_t release = 0;
    std::vector<group> groups() const;
    bool operator==(membership const&) const = default;
};

struct guard_limits {
    struct threshold {
        std::uint32_t probes = 0;  // so many of a group, and
        double share = 0;          // such a share of it, have trouble by the same rule
    };
    std::array<threshold, shared_count> by_group{{{3, 0.30}, {5, 0.10}, {10, 0.05}, {10, 0.05}, {20, 0.03}}};
    std::chrono::hours together{6};  // warnings count for so long after they began, isolations for so long after them
};

/// What a probe belongs to, and what it belonged to until lately: who leaves a bad release or a bad controller takes
/// the trouble along for as long as a window is.
class memberships {
public:
    void note(membership now, hour_time hour);
    std::vector<group> groups(hour_time hour) const;  // each once

private:
    membership now_, before_;
    std::optional<hour_time> changed_;
};

/// How a probe that is not isolated, or was isolated a moment ago, counts.
struct guarded {
    std::vector<group> in;
    rule_set trouble;
};

/// What of a probe's history is trouble of now.
rule_set trouble_of_now(history const& past, hour_time hour, guard_limits const& limits);

struct held_group {
    group which;
    rule by{};
    auto operator<=>(held_group const&) const = default;
};
struct extent {
    std::uint32_t affected = 0, of = 0;
    hour_time last{};      // when the group was last found to go bad together
    bool alerted = false;  // an operator has been told
};
using mass_events = std::map<held_group, extent>;

/// Finds the groups that go bad together, by rule. An event lasts for a window longer than its group does: by then what
/// it left in its members' windows is gone, too.
void find_mass_events(mass_events& events, std::span<guarded const> probes, hour_time hour, guard_limits const& limits);

/// The rules whose accusations wait for this probe.
rule_set held_rules(std::span<group const> of, mass_events const& events);

/// The event by which a rule's accusation waits for this probe; of several the one with the larger share of its group.
/// None: it does not wait.
mass_events::value_type const* holding_event(std::span<group const> of, rule by, mass_events const& events);

/// "AS64500: 12 of 30 probes have trouble by this rule"
std::string in_text(mass_events::value_type const& event);

/// A probe that would be isolated, were it not for the guard.
struct held_probe {
    std::vector<group> in;
    rule_set accused;
};

/// What an operator is told.
struct alert {
    held_group what;
    extent how_far;
    std::string text;
};

/// As few alerts as explain all of these probes, without those that were raised before: a defect of a release is one
/// alert, and not one for each country that has the release. Marks the events.
std::vector<alert> raise_alerts(std::vector<held_probe> held, mass_events& events);

}  // namespace tp::registry::detect
