#pragma once

#include <unordered_map>
#include <vector>

#include "registry/detect/observation.hpp"
#include "store/observations.hpp"
#include "store/signed_targets.hpp"

/// From rows of the store to what the rules read. Pure.
namespace tp::registry {

/// What the store told of one round.
struct round_rows {
    std::vector<store::seen_session> sessions;  // by probe and beginning
    std::vector<store::seen_deliveries> deliveries;
    std::vector<store::seen_refusals> refusals;
    std::vector<store::planned_runs> runs;
    std::vector<store::seen_program> programs = {};
};

using probe_hours = std::unordered_map<probe_id, detect::probe_hour>;

/// The hours of all probes that were in session. Times in session are stretched to those of an hour, whatever a round's
/// length is.
probe_hours hours_of(detect::hour_time hour, store::time_span span, round_rows const& seen);

/// What was signed, for the rule about firmware: nothing, and then nobody is judged, while the list may lack what was
/// published a moment ago.
detect::firmware_catalogue catalogue_of(store::signed_list const& list);

/// The clock of a probe, by the result that was stored soonest after its timestamp: one that was stored before its
/// timestamp, or long after it, says how far it is off at least. In between it may be right.
detect::clock_reading clock_from(std::chrono::microseconds soonest) noexcept;

/// Runs that its schedule asked for, as far as that can be told: `arrived` itself if it lies between the least and the
/// most, else the nearer of them.
std::uint32_t expected_of(std::uint32_t arrived, store::planned_runs const& planned) noexcept;

}  // namespace tp::registry
