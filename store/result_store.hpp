#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "proto/report.hpp"
#include "store/database.hpp"

/// All reading and writing of results. Behind it: result_hot in hourly partitions, result_late for what is late or
/// implausibly dated, ingest_batch for commits whose outcome was lost with the connection.
namespace tp::store {

/// Bits of `flags`.
inline constexpr std::int16_t flag_late = 1;
inline constexpr std::int16_t flag_isolated = 2;  // it came while the probe was isolated: served only if asked for

struct result_row {
    measurement_id measurement;
    probe_id probe;
    wall_time timestamp;
    std::int64_t sequence = 0;
    std::int16_t kind = 0;
    std::int16_t flags = 0;
    wall_time stored_at;  // set by the store when writing
    std::string payload;  // an encoded proto::report
};

/// A result that was not the probe's to take: kept out, and recorded (the newest 10,000 in all).
struct refused_result {
    probe_id probe;
    std::int32_t measurement = 0;  // as sent: it may name nothing
    wall_time timestamp;
    std::string reason;
};

struct commit_outcome {
    std::uint32_t stored = 0, duplicates = 0;
};

/// Stores a batch in one transaction: binary COPY, on a duplicate again through a staging table. Idempotent: a
/// (controller, commit) pair that was committed before changes nothing, and a result that is there already is counted
/// as duplicate. errc::rejected means that a row of these cannot be stored whenever it comes, and none was stored; what
/// the server complains about otherwise (its schema, permissions) is errc::unavailable. Commits of one start of a
/// controller carry rising numbers, from first_commit_of(it) on.
boost::asio::awaitable<result<commit_outcome>> commit_results(database& database, controller_id controller,
                                                              std::int64_t commit, std::vector<result_row> rows,
                                                              std::vector<refused_result> refused);
/// Numbers of commits of different starts of a controller are never equal, so that what one process has stored is not
/// taken for what another one with its name is storing. Starts are numbered by the second, and 2^30 commits take longer
/// than the one after which a number belongs to a start that would have replaced this one.
constexpr std::int64_t first_commit_of(std::int64_t start) noexcept
{
    return (start << 30) + 1;
}

/// Makes the hourly partitions around now (2 before, 3 after) and prunes ingest_batch of rows older than a day. To be
/// called at start and every few minutes, by any number of processes.
boost::asio::awaitable<result<void>> maintain_results(database& database);

struct result_query {
    measurement_id measurement;
    std::optional<wall_time> start, stop;  // inclusive
    std::vector<std::int32_t> probes;      // empty: all
    std::uint32_t versions = 0;            // > 0: only that many newest of each probe (the "latest" query)
    bool flagged = false;                  // also what came from isolated probes
    bool anchors_only = false;             // of probes that are anchors now
    bool public_only = false;              // of probes that are public now
};
/// Hands over the rows in pages of at most `result_page` ordered by time, reading on only after `take` has returned, so
/// that memory is bounded by a page whatever the range. `take` answers an error to end early.
inline constexpr std::size_t result_page = 1'000;
using result_taker = std::function<boost::asio::awaitable<result<void>>(std::vector<result_row>)>;
boost::asio::awaitable<result<void>> read_results(database& database, result_query query, result_taker take);

/// How many distinct probes have answered, and how many results there are, flagged ones included.
struct result_count {
    std::uint64_t results = 0, probes = 0;
};
boost::asio::awaitable<result<result_count>> count_results(database& database, measurement_id measurement);

}  // namespace tp::store
