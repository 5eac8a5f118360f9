#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace tp {

/// How long to wait before trying again: doubles with each failure up to a limit, and is jittered over half of its
/// length
/// ("equal jitter"), so that a thousand clients that lost the same server do not come back in step.
class backoff {
public:
    using milliseconds = std::chrono::milliseconds;

    /// @pre 0 < first <= longest.
    backoff(milliseconds first, milliseconds longest, std::uint64_t seed)
        : first_(first), longest_(longest), random_(seed)
    {
    }

    /// The next pause, between half of and the whole current step; the step doubles.
    milliseconds next();

    /// To be called when the other side was seen to be well, not merely to accept.
    void reset() noexcept { failures_ = 0; }

private:
    milliseconds first_;
    milliseconds longest_;
    std::mt19937_64 random_;
    unsigned failures_ = 0;
};

}  // namespace tp
