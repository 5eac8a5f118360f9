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
};

struct guard_limits {
    struct threshold {
        std::uint32_t probes = 0;  // so many of a group, and
        double share = 0;          // such a share of it, have trouble by the same rule
    };
    std::array<threshold, shared_count> by_group{{{3, 0.30}, {5, 0.10}, {10, 0.05}, {10, 0.05}, {20, 0.03}}};
    std::chrono::hours together{6};  // warnings count for so long after they began, isolations for so long after them
};

/// How a probe that is not isolated, or was isolated a moment ago, counts.
struct guarded {
    membership of;
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
};
using holds = std::map<held_group, extent>;

/// The groups that go bad together, by rule.
holds find_mass_events(std::span<guarded const> probes, guard_limits const& limits);

/// The rules whose accusations wait for this probe.
rule_set held_rules(membership const& of, holds const& events);

/// Raised once for each event, however many probes it has, and only when an isolation was held back.
struct alert {
    held_group what;
    extent how_far;
    std::string text;
};
alert make_alert(held_group const& what, extent how_far);

}  // namespace tp::registry::detect
