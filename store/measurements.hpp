#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "proto/job.hpp"
#include "store/abuse.hpp"
#include "store/conditions.hpp"
#include "store/database.hpp"

/// Measurements and who takes part. Written by the API, read by the API and the controllers.
namespace tp::store {

/// Numbers as in the Atlas API. None is specified, forced to stop, failed or archived here: clients ask for them.
enum class measurement_status {
    specified = 0,
    scheduled = 1,
    ongoing = 2,
    stopped = 4,
    forced_to_stop = 5,
    no_suitable_probes = 6,
    failed = 7,
    archived = 8
};

/// What a user asked for, checked. `job.measurement` is given by the store.
struct new_measurement {
    proto::job job;
    account_id owner;
    std::string description;
    bool is_public = true;
    std::vector<std::string> tags;
    std::string probe_sources;  // the request's "probes" as JSON text, kept to be shown
    std::uint32_t probes_requested = 0;
    std::vector<probe_id> participants;  // at most 1,000 by default: the API's limit
    std::string protocol{};              // "UDP", ...: what lists are filtered by; may be empty
    std::string canary{};                // which kind of canary it is ("closed-port"), made by the platform; or empty
    std::string look_up{};               // the record that it looks up for the platform ("a", "aaaa"); or empty
};

struct measurement_record {
    measurement_id id;
    proto::job job;
    account_id owner;
    std::string description;
    bool is_public = true;
    std::vector<std::string> tags;
    std::string probe_sources;
    std::optional<measurement_id> group;
    std::uint32_t probes_requested = 0, participants = 0;
    wall_time created, status_since;
    std::optional<wall_time> stops;          // or has stopped; none: open
    std::optional<abuse_case_id> paused_by;  // its target is to be left alone: probes were told to stop
    measurement_status status{};             // as of now: a one-off counts as ongoing for ten minutes
};

/// What the whole fleet may send, in planned packets a second (proto/planned_rate.hpp), by all running measurements
/// together: towards one target (an address; or a name, if the probes resolve it), and towards all addresses of one /24
/// or /48.
struct target_caps {
    double per_target = 1'000, per_prefix = 4'000;
};
inline constexpr target_caps no_target_caps{1e12, 1e12};

/// Why a measurement may not go where it is wanted to go.
struct target_refusal {
    std::size_t which = 0;                     // of those that were wanted
    std::optional<abuse_case_id> blocked_by;   // its holder asked to be left alone. None: a cap,
    std::string of;                            // of this address, prefix or name:
    double running = 0, wanted = 0, most = 0;  // packets a second
};

/// One of both is empty.
struct creation {
    std::vector<measurement_id> made;
    std::vector<target_refusal> refused;
};
/// Creates all of them or none, with one announcement each in the change feed. More than one makes a group. Whoever
/// wants to measure the same target or prefix at the same time waits, so that the caps hold for all of them together.
/// First identifier: 1,000,001 (lower ones are built-ins).
boost::asio::awaitable<result<creation>> create_measurements(database& database, std::vector<new_measurement> wanted,
                                                             target_caps caps);

/// Errors: errc::not_found.
boost::asio::awaitable<result<measurement_record>> find_measurement(database& database, measurement_id id);

/// What lists of measurements are filtered and sorted by. Times are whole seconds since 1970, as they are shown.
enum class measurement_column {
    id,
    type,
    af,
    protocol,
    target,
    address,
    asn,       // of the target: nobody knows it
    searched,  // the description of a measurement of type dns, the target of any other
    description,
    tags,
    group,
    start_time,
    stop_time,  // none: open
    interval,   // seconds; none: one-off
    is_oneoff,
    is_public,
    status,
    status_name,  // for sorting: its place among the names
};

struct measurement_filter {
    std::optional<account_id> owner;       // only this account's
    std::optional<account_id> visible_to;  // public ones and this account's; none: public ones
    bool all = false;                      // operators see all
    std::vector<condition<measurement_column>> where;
    std::vector<measurement_status> statuses;
    std::vector<std::int32_t> ids;
    std::vector<std::int32_t> participants;  // one of them takes part, or did when it ended
    measurement_column sort = measurement_column::id;
    bool descending = false;
    std::optional<std::int64_t> after;  // sorted by number: only what comes after this one; all are counted
    std::uint32_t offset = 0, limit = 50;
};
struct measurement_page {
    std::uint64_t count = 0;
    std::vector<measurement_record> rows;
};
boost::asio::awaitable<result<measurement_page>> list_measurements(database& database, measurement_filter filter);

/// Stops it now (no matter if it has ended already). Errors: errc::not_found.
boost::asio::awaitable<result<void>> stop_measurement(database& database, measurement_id id);

/// What may change later.
struct measurement_change {
    std::optional<std::string> description;
    std::optional<std::vector<std::string>> tags;  // replaces them
    bool make_public = false;
};
/// Errors: errc::not_found.
boost::asio::awaitable<result<void>> change_measurement(database& database, measurement_id id,
                                                        measurement_change change);

boost::asio::awaitable<result<std::vector<probe_id>>> participants_of(database& database, measurement_id id);
/// No probe is both.
struct participation_change {
    std::vector<probe_id> leaving, joining;
};
/// Carries out all of it, or nothing when the target refuses more.
boost::asio::awaitable<result<std::optional<target_refusal>>> change_participants(database& database, measurement_id id,
                                                                                  participation_change change,
                                                                                  target_caps caps);
/// The same with those who join alone, and with those who leave.
boost::asio::awaitable<result<std::optional<target_refusal>>> add_participants(database& database, measurement_id id,
                                                                               std::vector<probe_id> probes,
                                                                               target_caps caps);
boost::asio::awaitable<result<void>> remove_participants(database& database, measurement_id id,
                                                         std::vector<probe_id> probes);

/// How many are running, for quotas: by this account; towards this target (as written).
struct usage {
    std::uint32_t of_account = 0, of_target = 0;
};
boost::asio::awaitable<result<usage>> measurement_usage(database& database, account_id account, std::string target);

// ---- for controllers

/// Everything that a probe is to do now or later: not stopped, stop time ahead, one-offs not older than ten minutes. Of
/// a probe that is isolated: canaries alone. Jobs that this version cannot read are left out, here and below: those of
/// a later one must not hold up the others.
boost::asio::awaitable<result<std::vector<proto::job>>> jobs_of(database& database, probe_id probe);

/// One measurement as it is now, and which of these probes take part (isolated ones in canaries only). `job` is none
/// when it has ended, does not exist or cannot be read.
struct job_state {
    std::optional<proto::job> job;
    std::vector<probe_id> participants;
};
boost::asio::awaitable<result<job_state>> job_state_of(database& database, measurement_id id,
                                                       std::vector<probe_id> among);

/// A pair that was true at some time: the probe was ever a participant of the measurement, from `since` on.
struct participation {
    measurement_id measurement;
    probe_id probe;
    wall_time since;
};
/// For these pairs (same length), those that exist: what a probe may deliver is decided by it.
boost::asio::awaitable<result<std::vector<participation>>> participations(database& database,
                                                                          std::vector<measurement_id> measurements,
                                                                          std::vector<probe_id> probes);

}  // namespace tp::store
