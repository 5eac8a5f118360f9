#pragma once

#include <span>
#include <string_view>

namespace tp::simulation {

/// Where probes are: roughly as in RIPE Atlas, by share.
struct country {
    std::string_view code;
    double latitude, longitude;  // of its middle, degrees
    double radius;               // km, of where people live
    double weight;               // of all probes
    int clock;                   // hours from UTC
    bool thin;                   // few networks exchange traffic there: it goes over Europe or America
};

std::span<country const> countries() noexcept;

}  // namespace tp::simulation
