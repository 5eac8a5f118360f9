#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"

/// The content of the targets "control/special-purpose" and "control/opt-out": where no probe may send anything,
/// besides what its guard refuses by itself. One prefix a line in its usual spelling, IPv4 first, in ascending order:
///
///     192.0.2.0/24
///     2001:db8::/32
namespace tp::control {

inline constexpr std::size_t most_prefixes = 20'000;

/// Errors: signing::refusal::malformed for anything but the one spelling; signing::refusal::too_large.
result<std::vector<ip_prefix>> read_prefix_list(std::string_view content);
/// A line of it without its end. Errors: signing::refusal::malformed.
result<ip_prefix> read_prefix(std::string_view line);
/// Whether one stands before another.
bool before(ip_prefix const& one, ip_prefix const& next) noexcept;

}  // namespace tp::control
