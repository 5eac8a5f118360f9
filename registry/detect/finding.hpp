#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tp::registry::detect {

/// The rules. Their names are what settings, the database and people call them.
enum class rule : std::uint8_t {
    two_places,
    session_counter,
    firmware,
    round_trip,
    place,
    canary,
    result_rate,
    protocol,
    flapping,
    clock,
    peers,
};
inline constexpr std::size_t rule_count = 11;

std::string_view name(rule of) noexcept;  // "two-places"
std::optional<rule> rule_named(std::string_view name) noexcept;

enum class severity : std::uint8_t {
    note = 1,  // shown, and nothing follows
    warning,   // reason to suspect the probe
    grave,     // reason to isolate it
};
std::string_view name(severity of) noexcept;

/// A number, and a sentence for its host.
struct evidence {
    double number = 0;
    std::string text;
    bool operator==(evidence const&) const = default;
};

/// What a rule holds against a probe.
struct finding {
    rule by{};
    severity level{};
    evidence saw, against;  // `against`: what it was compared with, a limit or what others saw
    std::string clears;     // what makes it go away
    bool operator==(finding const&) const = default;
};

/// "No data" is not "broken", and it is not "well": only `clean` speaks for a probe.
enum class outcome : std::uint8_t { no_data, clean, found };

struct verdict {
    outcome is = outcome::no_data;
    std::optional<finding> what;  // with `found`: the worst that this rule has

    static verdict clean() { return {outcome::clean, std::nullopt}; }
    static verdict none() { return {}; }
    static verdict of(finding found) { return {outcome::found, std::move(found)}; }
    bool at_least(severity level) const noexcept { return what && what->level >= level; }
};

/// One for each rule, in the order of the enum.
using verdicts = std::array<verdict, rule_count>;

inline constexpr std::size_t index(rule of) noexcept
{
    return static_cast<std::size_t>(of);
}

}  // namespace tp::registry::detect
