#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "registry/detect/inspect.hpp"
#include "tests/bench/fleet_simulation/events.hpp"
#include "tests/bench/fleet_simulation/mischief.hpp"

/// What became of everybody, held against the truth.
namespace tp::simulation {

/// The two windows in which a bad probe is to be caught.
inline constexpr int hours_to_catch = 48;

struct bad_record {
    kind of{};
    strength how{};
    int hours_in_session = 0;  // since it began to be bad,
    int hours = 0;             // and hours of the clock, up to its isolation or the end
    bool begun = false, suspected = false, caught = false, released = false;
    detect::rule by{};
};

struct honest_record {
    std::uint64_t hours = 0;  // in session
    std::uint64_t suspicions = 0, isolations = 0, in_mass_events = 0;
    std::map<std::string, std::uint64_t> isolations_by, suspicions_by;
    std::vector<std::string> stories;  // of false isolations, the first few
    std::vector<int> hours_to_release;
};

struct score {
    std::vector<bad_record> bad;
    honest_record honest;
    std::uint64_t alerts = 0;
    std::map<std::string, std::uint64_t> alerts_by, events;
    std::size_t doubted_hours = 0;  // hours in which an anchor or canary was in doubt

    score& operator+=(score&& more);
};

struct goals {
    double middle_share = 0.99;
    double false_isolations = 1;  // for 10,000 probe-days
    std::uint64_t in_mass_events = 0;
};

/// Writes the table. True when the goals are met.
bool print(score const& of, goals const& wanted);
std::size_t caught_in_time(score const& of, kind of_kind, strength how, std::size_t& judged);
double false_isolations(score const& of);  // for 10,000 probe-days

}  // namespace tp::simulation
