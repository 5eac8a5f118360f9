#pragma once

#include <cstdint>

#include "registry/detect/finding.hpp"
#include "registry/detect/observation.hpp"
#include "registry/detect/window_view.hpp"

/// Frames that no probe of ours sends, and results that were never the probe's to take.
namespace tp::registry::detect {

struct protocol_limits {
    std::uint32_t warning_frames = 1, grave_frames = 6;     // malformed ones, in a window
    std::uint32_t warning_foreign = 5, grave_foreign = 40;  // results that were not its own, in a window,
    double foreign_share = 0.02;                            // if they are at least such a share of all
    std::size_t grave_hours = 3;                            // different hours, for both
};

struct protocol_hour {
    std::uint32_t malformed = 0, foreign = 0, arrived = 0;
};

protocol_hour protocol_of(probe_hour const& seen);
verdict examine_protocol(window_view window, protocol_limits const& limits);

}  // namespace tp::registry::detect
