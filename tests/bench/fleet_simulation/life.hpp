#pragma once

#include <cstdint>
#include <optional>

#include "tests/bench/fleet_simulation/events.hpp"
#include "tests/bench/fleet_simulation/world.hpp"

/// The life of an honest probe: what its host, its provider and its hardware do to it. Bad probes have all of it, too.
namespace tp::simulation {

/// What does not change, or seldom.
struct household {
    origin from;
    std::size_t network = 0;  // position in the world's list
    bool v6 = false;
    double line_loss = 0;     // always, of all packets
    double policed_loss = 0;  // always, of pings only: a router that limits ICMP
    double evening = 0;       // how bad its evenings are: 0 .. 1
    bool off_at_night = false;
    int daily_reconnect = -1;  // hour of the day at which the provider cuts it; -1: never
    double flaky = 0;          // ends of sessions an hour
    double failovers = 0;      // a day, to a line of another provider
    std::size_t second_network = 0;
    std::optional<std::size_t> database_country;  // what a database says wrongly
    bool other_transit = false;                   // its first public hop is in another AS
    double pace = 1;                              // share of its schedule that the device manages
    bool synchronised = true;
    double drift = 0;           // ppm, of a clock that nobody sets
    double wrong_server = 0;    // ms, what its own time server is off by
    double result_size = 400;   // octets
    int joins = 0, leaves = 0;  // hours
};

/// What changes from hour to hour.
struct condition {
    bool up = true;
    int remaining = 1;  // hours until that changes
    std::uint32_t boot_count = 1, address = 0;
    int failover = 0, line_fault = 0, v6_outage = 0, portal = 0;  // hours left
    double fault_loss = 0;
    double free_clock = 0;         // ms
    int unsynchronised = 0;        // hours left after a boot
    double unsynchronised_by = 0;  // ms
    bool was_in_session = false, was_on_second = false;
    int provider_changed = -1, moved = -1;  // hours; -1: not
    std::uint32_t backup_of = 0;            // boot count of the backup on the shelf
};

/// What an hour was like.
struct circumstances {
    double connected = 0;  // share of the hour
    std::uint32_t boots = 0, new_sessions = 0, ends = 0;
    bool new_address = false, restored = false;
    std::size_t network = 0;
    double line_loss = 0, ping_loss = 0, session_loss = 0, delay = 0;
    bool v6_dead = false, portal = false;
    double pace = 1;
    double clock = 0;  // ms
    bool synchronised = true;
    bool just_moved = false, just_changed_provider = false;
};

household make_household(world const& place, int hours, random_stream& random);
condition begin(household const& of, random_stream& random);

/// One hour passes. May change where the household is, and its provider.
circumstances pass(household& of, condition& now, int hour, weather const& outside, world const& place,
                   random_stream& random);

}  // namespace tp::simulation
