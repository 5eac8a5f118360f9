#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace tp::signing::tool {

/// Reads "2027-01-31" (its first moment) or "2027-01-31T12:00:00Z"; UTC. Nothing before 1970 or behind 2199.
std::optional<wall_time> parse_date(std::string_view text);

/// "2027-01-31 12:00:00 UTC".
std::string date_text(wall_time at);

/// About how far ahead: "in 180 days", "in 5 hours"; "EXPIRED" when not ahead at all.
std::string ahead_text(wall_time at, wall_time now);

}  // namespace tp::signing::tool
