#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.hpp"
#include "store/fleet.hpp"

namespace tp::registry {

/// What the loss of some controllers would do.
struct rehearsal {
    struct heir {
        controller_id id;
        std::uint32_t before = 0, arriving = 0;  // probes; after it: their sum
        std::uint32_t capacity = 0;
    };
    std::uint32_t probes = 0;           // that are on what is lost
    std::uint32_t at_once = 0;          // reach their second controller without asking anybody
    std::uint32_t by_the_registry = 0;  // have to ask it for another one
    std::uint32_t waiting = 0;          // find no room anywhere
    std::vector<heir> heirs;            // all controllers that are left and alive
};

/// Plays it through: each probe goes to its second controller if that is left and has room, else where free capacity
/// is. No controller is filled beyond its capacity.
/// @param lost  controllers that fail at the same time.
rehearsal rehearse(std::vector<store::controller_record> const& controllers,
                   std::vector<store::placed_pair> const& pairs, std::vector<controller_id> const& lost);

}  // namespace tp::registry
