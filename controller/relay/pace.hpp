#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace tp::controller {

/// How fast, and how much of a stretch may go at once.
struct rate {
    std::uint64_t bits_per_second = 1;  // > 0
    std::chrono::milliseconds burst{0};
};

/// Who sends when, so that the rate is kept: places in a queue that is worked off evenly. (GCRA, ITU-T I.371, as a
/// schedule.)
class pace {
public:
    /// When it would be the turn of who comes now.
    steady_time next(steady_time now, rate const& kept) const noexcept;
    /// Whether it is as if nobody had ever taken a place.
    bool idle(steady_time now) const noexcept { return taken_until_ <= now; }
    /// Takes that place for so many octets, at most 2^24.
    steady_time reserve(steady_time now, std::size_t octets, rate const& kept) noexcept;

private:
    steady_time taken_until_;
};

}  // namespace tp::controller
