#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// The numbers of a version report, and what they are called before people. Without a source file: the supervisor uses
/// it and links nothing of the wire format.
namespace tp::proto {

/// LwM2M's object 5 (Firmware Update), resource 3, State.
enum class update_state : std::uint8_t { idle = 0, downloading = 1, downloaded = 2, updating = 3 };

/// LwM2M's object 5, resource 5, Update Result.
enum class update_result : std::uint8_t {
    initial = 0,
    succeeded = 1,
    not_enough_storage = 2,
    out_of_memory = 3,
    connection_lost = 4,
    integrity_failed = 5,
    unsupported_package = 6,
    invalid_uri = 7,
    failed = 8,
    unsupported_protocol = 9,
};

/// Why the program was started from its slot. The platform knows the number, and so it stays.
enum class boot_reason : std::uint8_t {
    not_told = 0,
    first_try = 1,
    further_try = 2,
    committed = 3,
    stepped_in = 4,   // committed, and a later release failed here
    last_resort = 5,  // it failed itself, and there is nothing else
};

/// Whether the last update cycle failed in a way that looks like an attack.
enum class attack_sign : std::uint8_t { not_told = 0, none = 1, seen = 2 };

namespace words {

// Source: OMA LightweightM2M 1.0.2, annex E.6; of each result the words before its explanation.
inline constexpr std::array<std::string_view, 4> states{"Idle", "Downloading", "Downloaded", "Updating"};
inline constexpr std::array<std::string_view, 10> results{
    "Initial value",          "Firmware updated successfully", "Not enough flash memory",  "Out of RAM",
    "Connection lost",        "Integrity check failure",       "Unsupported package type", "Invalid URI",
    "Firmware update failed", "Unsupported protocol"};

inline constexpr std::array<std::string_view, 6> boot_reasons{
    "not told",  "first start of a trial",      "a further start of a trial",
    "committed", "a later release failed here", "it failed, and there is nothing else"};
inline constexpr std::array<std::string_view, 3> attack_signs{"not told", "no sign of an attack",
                                                              "looks like an attack"};

/// "unknown" for a number that has no name: it may come from a database, which a later version filled.
template <std::size_t Count>
constexpr std::string_view at(std::array<std::string_view, Count> const& names, std::size_t number) noexcept
{
    return number < Count ? names[number] : "unknown";
}

}  // namespace words

constexpr std::string_view name_of(update_state is) noexcept
{
    return words::at(words::states, static_cast<std::size_t>(is));
}
constexpr std::string_view name_of(update_result is) noexcept
{
    return words::at(words::results, static_cast<std::size_t>(is));
}

constexpr std::string_view name_of(boot_reason is) noexcept
{
    return words::at(words::boot_reasons, static_cast<std::size_t>(is));
}
constexpr std::string_view name_of(attack_sign is) noexcept
{
    return words::at(words::attack_signs, static_cast<std::size_t>(is));
}

/// The same of numbers as reports and tables have them.
constexpr std::string_view name_of_state(std::uint32_t number) noexcept
{
    return words::at(words::states, number);
}
constexpr std::string_view name_of_result(std::uint32_t number) noexcept
{
    return words::at(words::results, number);
}

}  // namespace tp::proto
