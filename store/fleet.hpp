#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/ssh/keys.hpp"
#include "base/time.hpp"
#include "store/database.hpp"
#include "store/trust.hpp"

/// Controllers, which probes belong to them, and which are connected. Used by registry and controllers.
namespace tp::store {

struct controller_record {
    controller_id id;
    std::string name;
    std::vector<std::string> addresses;  // as probes dial them: "192.0.2.1:7441"
    ssh::public_key host_key;
    std::uint32_t capacity = 0, sessions = 0, placed = 0;  // most sessions; present sessions; probes with rank 1 there
    std::uint32_t standby = 0;                             // probes with rank 2 there
    std::chrono::seconds heartbeat_age{};
    std::string region{}, failure_domain{};  // may be empty
    bool drained = false;                    // its probes move, and it gets none
    std::string drained_because{};
};

/// More than so many sessions no controller is believed to have, or to have room for
/// (migrations/021_controller_claims.sql).
inline constexpr std::uint32_t most_capacity = 18'000;

/// Where a controller stands, as its operator says: both may be empty.
struct controller_site {
    std::string region, failure_domain;
};
/// A process that stands, or stood, for a controller. Of several the one with the highest number is in charge.
struct controller_start {
    controller_id id;
    std::int64_t number = 0;
    bool operator==(controller_start const&) const = default;
};
/// Makes or renews the entry of this name, and takes charge of it. A new host key replaces the old one.
boost::asio::awaitable<result<controller_start>> register_controller(database& database, std::string name,
                                                                     std::vector<std::string> addresses,
                                                                     ssh::public_key host_key, std::uint32_t capacity,
                                                                     controller_site site);
/// Nowhere in particular.
boost::asio::awaitable<result<controller_start>> register_controller(database& database, std::string name,
                                                                     std::vector<std::string> addresses,
                                                                     ssh::public_key host_key, std::uint32_t capacity);

/// Whether a process is still the one in charge.
enum class tenure {
    holds,
    replaced,  // another process has started under its name
    unknown,   // the database knows of no such start: it is not the one, or not as new, as it was
};
/// A sign of life; of whoever is not in charge it is not heard.
boost::asio::awaitable<result<tenure>> beat(database& database, controller_start own, std::uint32_t sessions);
boost::asio::awaitable<result<std::vector<controller_record>>> list_controllers(database& database);
/// Begins to empty a controller, or ends it. Errors: errc::not_found.
boost::asio::awaitable<result<void>> drain_controller(database& database, std::string name, bool drained,
                                                      std::string reason);

/// How sure it is that the first controller has a place free, while others place probes, too.
enum class vacancy {
    plenty,
    scarce,  // counted again, and nobody else gives one away meanwhile
};
/// Places a probe on these controllers, best first, until the lease ends; replaces what was.
/// Errors: errc::not_found; errc::conflict when the last place on the first one was given away.
boost::asio::awaitable<result<void>> place_probe(database& database, probe_id probe, std::vector<controller_id> ranked,
                                                 std::chrono::seconds lease, vacancy free = vacancy::plenty);
boost::asio::awaitable<result<std::vector<controller_id>>> placement_of(database& database, probe_id probe);

/// How far a controller is: the shortest round trip that the probe had there, or what is usual in its country.
struct controller_distance {
    controller_id controller;
    std::chrono::microseconds round_trip{};
    bool operator==(controller_distance const&) const = default;
};
/// Learns anew what is usual: the median over the probes of a country that were on a controller within the last week.
boost::asio::awaitable<result<void>> refresh_typical_distances(database& database);

/// A probe, and what its place depends on.
struct placed_probe {
    probe_id probe;
    std::string country;                 // ISO 3166 alpha-2, or empty
    std::vector<controller_id> present;  // best first
    std::vector<controller_distance> distances{};
};
/// Errors: errc::not_found.
boost::asio::awaitable<result<placed_probe>> probe_to_place(database& database, probe_id probe);
/// Some of those whose first controller this is, chosen by chance.
boost::asio::awaitable<result<std::vector<placed_probe>>> probes_placed_on(database& database, controller_id controller,
                                                                           std::uint32_t most);

/// How many probes have this pair of controllers.
struct placed_pair {
    controller_id first;
    std::optional<controller_id> second;
    std::uint32_t probes = 0;
};
boost::asio::awaitable<result<std::vector<placed_pair>>> placed_pairs(database& database);

enum class leadership { ours, theirs };
/// Takes up, or goes on with, work that one of several registries does at a time.
boost::asio::awaitable<result<leadership>> take_lead(database& database, std::string work, std::string holder,
                                                     std::chrono::seconds lease);

enum class admission { granted, unknown_key, revoked, not_placed_here, frozen };  // with its whole batch

/// Whether a probe with this key may hold a session on this controller now.
struct admitted {
    admission verdict{};
    std::optional<probe_id> probe{};  // if the key is known
    trust_state trust{};              // if the key is known
    bool key_wanted = false;          // it is to be asked for a new key
};
/// A key that was pending is the probe's own after that, if it is granted.
boost::asio::awaitable<result<admitted>> admit_probe(database& database, controller_id controller, ssh::public_key key);

/// A session began. Also renews the system tags (system-ipv4-works from the capability "ping4", ...). Answers the
/// session's number, which ends it again: an end of an older session changes nothing.
/// @param boot_count  how often the installation started, as the probe tells.
/// @param round_trip  the shortest that the kernel has seen on the connection.
boost::asio::awaitable<result<std::int64_t>> session_opened(database& database, probe_id probe,
                                                            controller_id controller, ip_address seen_from,
                                                            std::string software, std::vector<std::string> capabilities,
                                                            std::optional<std::uint32_t> boot_count = {},
                                                            std::optional<std::chrono::microseconds> round_trip = {});
/// @param by_platform  we ended it: such ends say nothing about the probe.
/// @param answered     another session had taken its place, and its probe was still there.
boost::asio::awaitable<result<void>> session_closed(database& database, probe_id probe, std::int64_t session,
                                                    std::string reason, bool by_platform = false,
                                                    bool answered = false);
/// A session that a controller holds.
struct held_session {
    probe_id probe;
    std::int64_t number = 0;
    bool operator==(held_session const&) const = default;
};
/// Those of these in whose place a newer session of the probe has come.
boost::asio::awaitable<result<std::vector<held_session>>> replaced_of(database& database,
                                                                      std::vector<held_session> held);
/// A controller that starts has no sessions: ends those that it left open when it was killed. Nothing happens when this
/// process is not in charge any more: they are another's then.
boost::asio::awaitable<result<void>> close_sessions_of(database& database, controller_start own);
/// Ends the sessions of controllers that have been silent for so long.
boost::asio::awaitable<result<void>> close_sessions_of_silent(database& database, std::chrono::seconds silent_for);

/// Renews the system tags of all probes. One caller at a time works; others do nothing.
boost::asio::awaitable<result<void>> refresh_system_tags(database& database);
/// Those of these probes.
boost::asio::awaitable<result<void>> refresh_system_tags(database& database, std::vector<probe_id> of);

struct probe_event {
    probe_id probe;
    wall_time at;
    std::string kind, text;
};
/// Keeps what probes told, the newest 1,000 a probe. Leaves out what calls itself a version report: these come by
/// record_version_report() alone, and have a budget of their own.
boost::asio::awaitable<result<void>> record_events(database& database, std::vector<probe_event> events);

}  // namespace tp::store
