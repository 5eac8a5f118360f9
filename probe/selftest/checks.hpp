#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "firmware-signing/self_test_report.hpp"
#include "probe/measure/engine.hpp"

/// What a self-test looks at besides measuring, and what it makes of what was measured.
namespace tp::probe {

using check = signing::self_test_report::check;

inline constexpr std::size_t storage_test_octets = 1024 * 1024;
inline constexpr std::chrono::seconds slowest_storage{10};  // for writing, flushing and reading them back
inline constexpr std::chrono::seconds farthest_clock{2};    // from the server's

check check_open_ports(std::vector<std::uint16_t> const& allowed);
/// Writes, flushes and reads back in the folder, and looks for room for `room` octets.
check check_storage(std::filesystem::path const& folder, std::uint64_t room);
/// The key is there, of mode 0600, and one that this program can use.
check check_key(std::filesystem::path const& file);
/// By what an NTP server said; none: it said nothing.
check check_clock(std::optional<std::chrono::nanoseconds> offset);
/// Whether a run of this type did what it should towards an anchor.
check check_outcome(outcome const& found);
/// Server minus this machine, by the answer that came back quickest.
std::optional<std::chrono::nanoseconds> clock_offset(outcome const& found);

}  // namespace tp::probe
