#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "proto/job.hpp"
#include "store/database.hpp"
#include "store/observations.hpp"

/// Names that probes look up for the platform: which measurements do it, who takes part, and what was found.
namespace tp::store {

struct look_up_job {
    proto::job job;
    std::string record;  // "a", "aaaa"
};
/// Those without an end that are not stopped, the oldest first.
boost::asio::awaitable<result<std::vector<look_up_job>>> standing_look_ups(database& database);
/// Those that ran at some time of the span.
boost::asio::awaitable<result<std::vector<look_up_job>>> look_ups_in(database& database, time_span span);

/// Probes in session that measure, whose software can do it, and that never took part.
/// @param unless  whose software can do that, too, is left out; empty: nobody is.
/// @param which   a measurement; none: all of them.
boost::asio::awaitable<result<std::vector<probe_id>>> look_up_newcomers(database& database, std::string capability,
                                                                        std::string unless,
                                                                        std::optional<measurement_id> which);

/// What its resolvers said to a probe.
struct look_up_finding {
    probe_id probe;
    std::string record;  // "a", "aaaa"
    proto::family af{};  // of the measurement
    std::string said;    // "correct", "incorrect", "denied", "unanswered"
    bool mangles_case = false;
    wall_time at;  // by the probe's clock
};

/// Silence says something about a resolver only while its probe was in session, and for so much longer: by then
/// everybody has noticed that a connection is dead.
inline constexpr std::chrono::seconds look_up_proof{90};

/// Keeps what is newer than what is known, for so long. The tags that follow are for refresh_system_tags().
boost::asio::awaitable<result<void>> record_look_ups(database& database, std::vector<look_up_finding> found,
                                                     std::chrono::seconds valid_for);

}  // namespace tp::store
