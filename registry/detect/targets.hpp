#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "registry/detect/observation.hpp"

namespace tp::registry::detect {

/// The measurements that detectors compare, by number.
class target_list {
public:
    explicit target_list(std::vector<target_info> const& all);
    target_info const* find(measurement_id measurement) const noexcept;

private:
    std::unordered_map<measurement_id, target_info> by_id_;
};

/// So far from the truth may a host's own place and an anchor's place be together, and still be called right.
inline constexpr kilometres blur{50};
/// And a reply is called too fast only below this share of what light needs, because anchors are a little out of place.
inline constexpr double certainly_too_fast = 0.95;

/// The shortest round trip that is possible between where a probe is said to be and a target; none where either is
/// unknown or they are too close to tell.
std::optional<millis> least_possible(profile const& who, target_info const& target) noexcept;

/// True for pings that came back sooner than that, for certain.
bool too_fast(profile const& who, target_info const& target, target_hour const& seen) noexcept;

}  // namespace tp::registry::detect
