#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

/// The host's wish to wait with updates that are not urgent, as `trigpoint-probe postpone` leaves it for the agent that
/// runs.
namespace tp::update {

inline constexpr std::chrono::days longest_put_off{60};

/// Reads "90s", "30m", "2h", "7d". Errors: errc::malformed; errc::out_of_range beyond longest_put_off.
result<std::chrono::seconds> parse_length(std::string_view text);

/// Until when; the epoch if there is no such wish, or if it cannot be read.
wall_time load_put_off(std::filesystem::path const& folder);
/// Errors: those of making the folder and of writing.
result<void> save_put_off(std::filesystem::path const& folder, wall_time until);

}  // namespace tp::update
