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

namespace words {

// Source: OMA LightweightM2M 1.0.2, annex E.6; of each result the words before its explanation.
inline constexpr std::array<std::string_view, 4> states{"Idle", "Downloading", "Downloaded", "Updating"};
inline constexpr std::array<std::string_view, 10> results{
    "Initial value",          "Firmware updated successfully", "Not enough flash memory",  "Out of RAM",
    "Connection lost",        "Integrity check failure",       "Unsupported package type", "Invalid URI",
    "Firmware update failed", "Unsupported protocol"};

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
