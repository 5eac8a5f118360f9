#pragma once

#include <vector>

#include "registry/detect/canary.hpp"
#include "registry/detect/clock.hpp"
#include "registry/detect/firmware.hpp"
#include "registry/detect/flapping.hpp"
#include "registry/detect/peers.hpp"
#include "registry/detect/place.hpp"
#include "registry/detect/protocol.hpp"
#include "registry/detect/result_rate.hpp"
#include "registry/detect/round_trip.hpp"
#include "registry/detect/session_counter.hpp"
#include "registry/detect/two_places.hpp"

namespace tp::registry::detect {

/// What is left of an hour once it has been held against the others' hours: a few hundred octets, of which 24 make a
/// window.
struct hour_facts {
    hour_time hour;
    two_places_hour two_places;
    session_counter_hour session_counter;
    firmware_hour firmware;
    round_trip_hour round_trip;
    place_hour place;
    canary_hour_facts canary;
    result_rate_hour result_rate;
    protocol_hour protocol;
    flapping_hour flapping;
    clock_hour clock;
    peers_hour peers;
};

/// The defaults of every rule in one place; an operator's settings replace them.
struct rule_limits {
    two_places_limits two_places;
    session_counter_limits session_counter;
    firmware_limits firmware;
    round_trip_limits round_trip;
    place_limits place;
    canary_limits canary;
    result_rate_limits result_rate;
    protocol_limits protocol;
    flapping_limits flapping;
    clock_limits clock;
    peers_limits peers;
    survey_limits survey;
};

/// Holds one hour of one probe against what the others saw, and against what was signed. Whether the whole network had
/// the same trouble is told afterwards, by network_tally.
hour_facts condense(profile const& who, probe_hour const& seen, target_list const& targets, survey const& others,
                    firmware_catalogue const& signed_ones, rule_limits const& limits);

/// Asks every rule.
verdicts examine(window_view window, rule_limits const& limits);

/// The last 24 hours of a probe, as far as it was in session.
class window {
public:
    /// @pre later than what was added before.
    void add(hour_facts facts);
    /// Forgets what is too old at this hour.
    void forget_before(hour_time now);
    window_view view() const noexcept { return {facts_.data() + first_, facts_.size() - first_}; }

private:
    std::size_t first_ = 0;
    std::vector<hour_facts> facts_;  // at most two windows, so that moving is seldom
};

}  // namespace tp::registry::detect
