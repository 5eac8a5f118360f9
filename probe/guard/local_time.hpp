#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

namespace tp::probe {

/// What the host's clock on the wall shows.
struct local_moment {
    std::int64_t day = 0;  // since 1970-01-01
    unsigned minute = 0;   // of the day, 0 .. 1439
    bool operator==(local_moment const&) const = default;
};

/// A clock that shows an earlier time was never set: no hour and no day can be told by it.
inline constexpr wall_time clock_is_set_from{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}};

/// Reads "+02:00", "-05:30", "+00:00". Errors: errc::malformed; errc::out_of_range beyond 14 hours.
result<std::chrono::minutes> parse_utc_offset(std::string_view text);

/// @param offset  from UTC; none: the system's zone (TZ, /etc/localtime), with its summer time.
/// Nothing: the clock is not set.
std::optional<local_moment> local_time(wall_time at, std::optional<std::chrono::minutes> offset);

}  // namespace tp::probe
