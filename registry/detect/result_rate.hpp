#pragma once

#include <cstdint>

#include "registry/detect/finding.hpp"
#include "registry/detect/survey.hpp"
#include "registry/detect/window_view.hpp"

/// Results that are far more, far fewer or far larger than its schedule asks for, or the same again and again. Only
/// hours that it spent in session count: what an absent probe does not deliver is no fault.
namespace tp::registry::detect {

struct result_rate_limits {
    std::chrono::seconds connected = std::chrono::minutes{55};  // of an hour that counts,
    std::uint32_t least_expected = 10;                          // with so many runs
    double warning_below = 0.85, grave_below = 0.70;            // arrived, of those expected
    double share_of_hours = 0.6;                                // in which too few arrive
    double warning_above = 1.10, grave_above = 1.25;            // arrived, of those expected,
    double grave_duplicates = 1.0;                              // duplicates, of those arrived,
    double grave_octets = 4;                                    // octets a result, times what half of the probes have,
    std::size_t hours_above = 4;                                // hours of a window with one of the last three
};

struct result_rate_hour {
    bool counts = false;
    std::uint32_t expected = 0, arrived = 0, duplicates = 0;
    double octets = 0, usual_octets = 0;  // a result; usual 0: unknown
};

result_rate_hour result_rate_of(probe_hour const& seen, survey const& others, result_rate_limits const& limits);
verdict examine_result_rate(window_view window, result_rate_limits const& limits);

}  // namespace tp::registry::detect
