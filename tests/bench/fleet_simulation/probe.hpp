#pragma once

#include <span>
#include <vector>

#include "tests/bench/fleet_simulation/life.hpp"
#include "tests/bench/fleet_simulation/mischief.hpp"
#include "tests/bench/fleet_simulation/office.hpp"

namespace tp::simulation {

/// A probe as it is.
struct probe {
    household home;
    condition now;
    mischief evil;
    random_stream life, told, evils;  // one stream for each purpose
    std::uint64_t release = rollout::first;
    bool first_wave = false;
    std::vector<double> usual;  // ms, the least round trip of each slot; empty: to be computed
    int moved = -1;             // hour of a move that its host has not told the registry
};

/// Everything around it that an hour depends on.
struct surroundings {
    world const& place;
    calendar const& events;
    int hour = 0;
    weather outside;
    std::size_t controller = 0;
};

/// Where a database of cities puts the address that it is seen with: right within a region, for three of four.
std::optional<detect::coordinates> city_of(probe const& one, surroundings const& around,
                                           detect::probe_hour const& seen);

/// Lets an hour pass, and writes down what controllers and registry see of it. False: it was not in session.
bool live(probe& one, surroundings const& around, file const& registered, bool isolated, detect::probe_hour& seen);

}  // namespace tp::simulation
