#pragma once

#include <cstdint>
#include <optional>

#include "registry/detect/finding.hpp"
#include "registry/detect/observation.hpp"
#include "registry/detect/window_view.hpp"

/// One key in two places. A login pushes aside a session of the same key that still answers: two devices have the key.
/// A single one can be a race between an end and a new beginning on two controllers.
namespace tp::registry::detect {

struct two_places_limits {
    unsigned warning = 1, grave = 3;  // such logins in a window
};

struct two_places_hour {
    struct meeting {
        ip_address here, there;
        as_number here_as{}, there_as{};
    };
    std::uint32_t meetings = 0;
    std::optional<meeting> last;
};

two_places_hour two_places_of(probe_hour const& seen);
verdict examine_two_places(window_view window, two_places_limits const& limits);

}  // namespace tp::registry::detect
