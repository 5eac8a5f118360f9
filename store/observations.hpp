#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "proto/job.hpp"
#include "store/database.hpp"
#include "store/documents.hpp"

/// What the platform saw of its probes in a stretch of time, added up by probe: what detectors are fed with. Read by
/// the registry, once a round over the whole fleet.
namespace tp::store {

/// [from, to)
struct time_span {
    wall_time from, to;
};

struct seen_session {
    probe_id probe;
    controller_id controller;
    ip_address address;
    std::optional<std::uint32_t> asn;  // of the address, once a registry has looked it up, as the country
    std::string country;               // ISO 3166 alpha-2, or empty
    wall_time opened;
    std::optional<wall_time> closed;  // none: it is open
    std::string reason;               // why it was closed
    bool by_platform = false;         // we closed it
    std::optional<std::uint32_t> boot_count;
    bool still_answered = false;  // another session took its place, and its probe was still there
};
/// Sessions that were open at some time of the span, by probe and in the order in which they began.
boost::asio::awaitable<result<std::vector<seen_session>>> sessions_in(database& database, time_span span);

struct seen_deliveries {
    probe_id probe;
    std::uint32_t arrived = 0;    // results with a timestamp within the span
    std::uint32_t conflicts = 0;  // of these, such with a sequence that another of them has
    std::uint64_t octets = 0;
    std::chrono::microseconds soonest{};  // from a result's timestamp until it was stored: the least; below 0 if the
                                          // probe's clock is ahead
};
boost::asio::awaitable<result<std::vector<seen_deliveries>>> deliveries_in(database& database, time_span span);

/// What was refused in the span: results that were never the probe's to take, and reports that nobody can read.
struct seen_refusals {
    probe_id probe;
    std::uint32_t foreign = 0, unreadable = 0;
};
boost::asio::awaitable<result<std::vector<seen_refusals>>> refusals_in(database& database, time_span span);

/// What a probe said last of what it runs, in the session that it was in at the end of the span, and before that end. A
/// later report takes the place of an earlier one: of a span long past there may be none.
struct seen_program {
    probe_id probe;
    wall_time at;
    std::string model, target;  // target: its path in the repository, or "host/RELEASE"; empty: not told
    std::uint64_t release = 0;
    std::string sha256;  // 32 octets
    bool committed = false;
    std::uint64_t failed_release = 0;  // that was tried last and gave up; 0: none
};
boost::asio::awaitable<result<std::vector<seen_program>>> programs_in(database& database, time_span span);

/// Measurements that ran at some time of the span.
boost::asio::awaitable<result<std::vector<proto::job>>> jobs_in(database& database, time_span span);

/// So many runs a probe had to do in the span, whatever moment of its own it has: at least, at most. One-offs may be
/// done or not. What the probe's software cannot do is not asked of it, and of an isolated one canaries alone.
struct planned_runs {
    probe_id probe;
    std::uint32_t least = 0, most = 0;
};
boost::asio::awaitable<result<std::vector<planned_runs>>> runs_in(database& database, time_span span,
                                                                  std::vector<proto::job> jobs);

/// Anchors with a place, by the newest list.
struct anchor_site {
    anchor_id id;
    std::string name;
    std::vector<ip_address> addresses;
    double latitude = 0, longitude = 0;
    std::optional<std::uint32_t> as_v4, as_v6;
};
boost::asio::awaitable<result<std::vector<anchor_site>>> anchor_sites(database& database);

}  // namespace tp::store
