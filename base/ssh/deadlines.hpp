#pragma once

#include <cstdint>
#include <optional>

#include "base/ssh/limits.hpp"
#include "base/time.hpp"

namespace tp::ssh {

/// Until when a session has to have come further. Pure: it is told the time and what happened.
class deadlines {
public:
    /// Starts in the handshake, which has to be over by `handshake_end`.
    deadlines(limits const& limits, steady_time handshake_end) noexcept
        : stall_limit_(limits.stall), closing_limit_(limits.closing), fixed_(handshake_end)
    {
    }

    void opened() noexcept { fixed_.reset(); }
    void closing(steady_time now) noexcept { fixed_ = now + closing_limit_; }

    /// @param progress  any figure that changes whenever octets got away.
    void output_waits(steady_time now, std::uint64_t progress) noexcept;
    void output_is_gone() noexcept { stall_.reset(); }

    /// When to look again, if at all.
    std::optional<steady_time> next() const noexcept;
    bool expired(steady_time now) const noexcept;

private:
    std::chrono::milliseconds stall_limit_, closing_limit_;
    std::optional<steady_time> fixed_, stall_;
    std::uint64_t progress_ = 0;
};

}  // namespace tp::ssh
