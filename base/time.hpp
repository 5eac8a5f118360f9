#pragma once

#include <chrono>

namespace tp {

/// Timestamps: the wall clock, nanoseconds since 1970 UTC. It can jump; durations never come from it.
using wall_time = std::chrono::sys_time<std::chrono::nanoseconds>;
/// Durations and deadlines: the monotonic clock.
using steady_time = std::chrono::steady_clock::time_point;

inline wall_time wall_now() noexcept
{
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

inline wall_time from_unix_seconds(std::int64_t seconds) noexcept
{
    return wall_time(std::chrono::seconds(seconds));
}

/// Whole seconds since 1970, rounded down.
inline std::int64_t to_unix_seconds(wall_time at) noexcept
{
    return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

}  // namespace tp
