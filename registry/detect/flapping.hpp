#pragma once

#include <cstdint>

#include "registry/detect/finding.hpp"
#include "registry/detect/observation.hpp"
#include "registry/detect/window_view.hpp"

/// Sessions that end again and again. A bad line does it, too: by default an operator decides.
namespace tp::registry::detect {

struct flapping_limits {
    std::uint32_t disconnects = 4;                    // in an hour
    std::size_t warning_hours = 3, grave_hours = 12;  // such hours in a window
};

struct flapping_hour {
    std::uint32_t disconnects = 0;
};

flapping_hour flapping_of(probe_hour const& seen);
verdict examine_flapping(window_view window, flapping_limits const& limits);

}  // namespace tp::registry::detect
