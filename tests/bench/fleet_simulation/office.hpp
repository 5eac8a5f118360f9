#pragma once

#include <vector>

#include "registry/detect/inspect.hpp"
#include "tests/bench/fleet_simulation/world.hpp"

/// What the platform does beside detecting: it knows what probes say, decides which anchors they ping, and rolls out
/// firmware. It knows no truth but its own.
namespace tp::simulation {

struct slot {
    std::size_t anchor = 0;  // position in the world's list
    detect::family family{};
};

/// What the registry has written down about a probe.
struct file {
    detect::profile who;
    bool v6 = false;
    std::vector<slot> slots;
    detect::country_code seen_in;                // country of the address for which the slots were chosen,
    std::optional<detect::coordinates> seen_at;  // and where a database of cities puts the address
    detect::as_number lately{};                  // the AS of its address,
    int hours_there = 0;                         // for so long
};

/// Chooses the anchors: near the claimed place, near the place of its address, and some at random.
void choose_anchors(file& of, world const& place, random_stream& random);

/// Notes where it was seen. A new AS becomes its home after a week. True when the anchors were chosen anew.
/// @param city  where a database puts its address, if it knows.
bool note_seen(file& of, detect::probe_hour const& seen, std::optional<detect::coordinates> const& city,
               world const& place, random_stream& random);

/// Releases, and how far they are.
struct rollout {
    static constexpr std::uint64_t first = 10;
    static detect::firmware_catalogue at(int hour);
    /// The release that a probe is told to run.
    static std::uint64_t wanted(int hour, bool first_wave);
};

}  // namespace tp::simulation
