#pragma once

#include <algorithm>

#include "base/time.hpp"

namespace tp::update {

/// When this program was built, as far as the build said so; else the epoch. Defined by the build.
wall_time build_time() noexcept;

/// What time it is as far as updates are concerned: a machine without a clock, or with one that was set back, must not
/// take what has expired for fresh. Besides the wall clock it knows two moments that have been: the program's build,
/// and the latest one at which signed metadata was found to be fresh; and how long ago that was, as far as it ran
/// since. So it never goes back behind these, and goes on while the wall clock lags behind. A wall clock that was ahead
/// for a while can spoil it by no more than metadata is fresh for, since nothing is fresh beyond; so much it stays
/// ahead.
class update_clock {
public:
    static constexpr std::chrono::hours longest_freshness{24 * 7};  // of metadata that is signed anew all the time

    update_clock(wall_time built, steady_time now) noexcept : accepted_(built), since_(now) {}

    wall_time now(wall_time wall, steady_time now) const noexcept { return std::max(wall, accepted_ + (now - since_)); }
    /// Metadata was fresh at this moment, which came from now(), or is remembered from an earlier run.
    void accept(wall_time at, steady_time now) noexcept
    {
        accepted_ = std::max(at, accepted_ + (now - since_));
        since_ = now;
    }
    /// By how many whole minutes it is ahead of a wall clock that was set right since; none if that was never set, as
    /// it seems.
    std::chrono::minutes ahead_of(wall_time wall, steady_time now) const noexcept
    {
        auto const out = std::chrono::floor<std::chrono::minutes>(this->now(wall, now) - wall);
        return out > longest_freshness ? std::chrono::minutes(0) : out;
    }
    wall_time accepted() const noexcept { return accepted_; }

private:
    wall_time accepted_;
    steady_time since_;  // it is accepted_
};

}  // namespace tp::update
