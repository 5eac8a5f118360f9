#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "registry/placement/choose.hpp"

namespace tp::registry {

/// Which controllers are near a probe: by the round trips that were measured, and by region where there is none. What
/// counts is how far a controller is beyond the nearest one that takes probes: for a probe behind a satellite none is
/// far.
class nearness {
public:
    /// Within half more than the nearest one's round trip, and this, a controller is near.
    static constexpr std::chrono::milliseconds near_within{10};
    /// Beyond twice that round trip, and this, it is so far that a probe is placed anew. Between the two it stays.
    static constexpr std::chrono::milliseconds far_beyond{20};

    nearness(std::vector<store::controller_record> const& controllers, seeker const& who);

    bool near(store::controller_record const& controller) const;
    bool far(store::controller_record const& controller) const;

private:
    std::optional<std::chrono::microseconds> distance(controller_id controller) const;

    seeker const& who_;
    std::optional<std::chrono::microseconds> nearest_;  // none: nothing to compare with
};

}  // namespace tp::registry
