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
inline constexpr double crowded_from = 0.9;  // of its capacity: then a controller of the probe's region is no nearer
                                             // than others, so that a region keeps room for fail-over
inline constexpr std::uint32_t placed_meanwhile = 1'000;  // more are not placed in the time that a list of controllers
                                                          // is used, by all registries and moves together

// ---- what is asked of one controller

bool alive(store::controller_record const& controller) noexcept;
/// Sessions or placements, whichever is more: a controller that tells too few sessions gains nothing by it.
std::uint32_t used(store::controller_record const& controller) noexcept;
/// Alive, not being drained, and below its capacity.
bool has_room(store::controller_record const& controller) noexcept;
/// Scarce if all registries and moves together could fill it before it is looked at again.
store::vacancy vacancy_on(store::controller_record const& controller) noexcept;
/// Both would fail together. A controller without a domain is one of its own.
bool share_fate(store::controller_record const& one, store::controller_record const& other) noexcept;

/// A probe that needs a place.
struct seeker {
    probe_id probe;
    std::string region;                  // where it is; empty: unknown
    std::vector<controller_id> present;  // its placement, best first
    std::vector<store::controller_distance> distances{};
};

/// Where a probe belongs: positions in the list of controllers, best first; or none, and why.
struct placement {
    std::vector<std::size_t> ranked;
    std::string none_because;
};

/// Chooses controllers for a probe.
///
/// First: the present one, while it is alive, not being drained, not far busier than the others and not far away while
/// a near one has room (nearness.hpp); otherwise probes spread over those that are near, or all if none has room, in
/// proportion to free capacity (weighted rendezvous hashing: the answer is the same whenever and wherever it is asked,
/// and the death of one controller moves only that one's probes, over all others). Second: of another failure domain
/// than the first if any has room there; then one that has room for those who would come, the present one, a near one;
/// then again by free capacity. None is chosen beyond its capacity.
placement choose(std::vector<store::controller_record> const& controllers, seeker const& who);

/// The same for a probe that is to leave a controller.
placement choose_elsewhere(std::vector<store::controller_record> controllers, seeker const& who, controller_id from);

/// Mean load of those that take probes, 0 .. 1.
double mean_load(std::vector<store::controller_record> const& controllers) noexcept;

/// Spreads a pause over [length, 2 * length], so that those who were told to wait do not come back in step.
/// @param random  in [0, 1).
std::chrono::seconds jittered(std::chrono::seconds length, double random);

}  // namespace tp::registry
