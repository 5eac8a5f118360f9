#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "store/fleet.hpp"

namespace tp::registry {

inline constexpr std::chrono::seconds longest_heartbeat_age{15};  // three missed beats: the controller counts as dead
inline constexpr std::size_t placed_on = 2;                       // controllers that a probe is given
inline constexpr double tolerated_imbalance = 0.25;  // of its capacity: so far above the mean load a controller may
                                                     // be before its probes are placed anew

/// Where a probe belongs: positions in the list of controllers, best first; or none, and why.
struct placement {
    std::vector<std::size_t> ranked;
    std::string none_because;
};

/// Chooses controllers for a probe. A present placement stays while its controller is alive and not far busier than the
/// others; otherwise probes spread in proportion to free capacity (weighted rendezvous hashing: the answer is the same
/// whenever and wherever it is asked, and the death of one controller moves only that one's probes, over all others).
placement choose(std::vector<store::controller_record> const& controllers, probe_id probe,
                 std::vector<controller_id> const& present);

/// Spreads a pause over [length, 2 * length], so that those who were told to wait do not come back in step.
/// @param random  in [0, 1).
std::chrono::seconds jittered(std::chrono::seconds length, double random);

}  // namespace tp::registry
