#pragma once

#include <cstdint>

#include "tests/bench/fleet_simulation/score.hpp"

namespace tp::simulation {

struct scale {
    std::uint32_t probes = 10'000;
    int days = 30;
    std::uint32_t bad_of_each = 168;  // of each kind and strength, for 10,000 probes
};

/// Lives through all hours. The detectors get profiles and hours of probes, and nothing else.
score simulate(std::uint64_t seed, scale const& how_large, detect::settings const& settings);

}  // namespace tp::simulation
