#pragma once

#include <cstdint>
#include <unordered_set>

#include "base/ids.hpp"

namespace tp::controller {

/// Pairs of measurement and probe that are known to have been given at some time: true once, true for ever. Bounded: at
/// most `most` pairs, of which those that were asked for lately stay (two generations; a pair that is found in the old
/// one moves to the young one, and a full young one becomes the old one).
class participation_cache {
public:
    static constexpr std::size_t most_pairs = 400'000;  // about 20 MB

    using pair = std::uint64_t;
    static pair of(measurement_id measurement, probe_id probe) noexcept
    {
        return static_cast<pair>(measurement.value()) << 32U | static_cast<std::uint32_t>(probe.value());
    }

    explicit participation_cache(std::size_t most = most_pairs) : half_(most / 2) {}

    bool contains(pair which);
    void add(pair which);
    std::size_t size() const noexcept { return young_.size() + old_.size(); }

private:
    std::size_t half_;
    std::unordered_set<pair> young_, old_;
};

}  // namespace tp::controller
