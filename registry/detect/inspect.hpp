#pragma once

#include <map>
#include <span>
#include <vector>

#include "registry/detect/hour_facts.hpp"
#include "registry/detect/mass_guard.hpp"
#include "registry/detect/policy.hpp"

/// The hourly round over the whole fleet: every rule, the guard, the policy. Pure: what it remembers is in its
/// arguments, and all of it can be made again from the observations of 24 hours and the trust log.
namespace tp::registry::detect {

/// A probe, and what is remembered of it.
struct subject {
    profile who;
    window recent;
    history past;
    memberships groups;
};

struct settings {
    rule_limits rules;
    policy_settings policy;
    guard_limits guard;
};

struct told {
    probe_id probe;
    proposal what;
    std::optional<finding> because;
};

struct found {
    probe_id probe;
    finding what;
};

/// An accusation that waits, because of what others have as well.
struct held_accusation {
    probe_id probe;
    rule by{};
    std::string because;
};

struct round_report {
    std::vector<found> findings;  // of every rule, also of those that are off
    std::vector<rule_set> clean;  // by subject: the rules that speak for it
    std::vector<told> proposals;
    std::vector<held_accusation> held;
    std::vector<alert> alerts;                     // of events that hold back an isolation, each once
    std::vector<std::int32_t> doubted_sites;       // anchors that are not where they are said to be
    std::vector<measurement_id> doubted_canaries;  // that many probes reach
};

/// One round.
/// @param seen    what was seen of each subject in this hour, in the same order; null: it was not in session.
/// @param events  what many probes have together; kept by the caller from hour to hour.
round_report inspect(hour_time hour, std::span<subject> fleet, std::span<probe_hour const* const> seen,
                     target_list const& targets, firmware_catalogue const& signed_ones, settings const& settings,
                     mass_events& events);

}  // namespace tp::registry::detect
