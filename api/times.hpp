#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

namespace tp::api {

/// Latest moment that is taken, the year 2100: beyond it, arithmetic on nanoseconds is near its end.
inline constexpr std::int64_t latest_time = 4'102'444'800;

/// Reads unix seconds ("1700000000") or ISO 8601 ("2023-11-14T22:13:20Z", "2023-11-14 22:13:20.5+01:00"; without a
/// zone: UTC; a date alone: its midnight). Errors: errc::malformed; errc::out_of_range beyond 1970 .. 2100.
result<wall_time> parse_time(std::string_view text);

/// "2023-11-14T22:13:20Z", rounded down to the second.
std::string iso_text(wall_time at);

}  // namespace tp::api
