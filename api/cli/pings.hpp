#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace tp::cli {

/// One ping result of the API, as far as people look at it.
struct ping_result {
    std::int64_t probe = 0;
    std::int64_t timestamp = 0;  // seconds since 1970
    std::string target;          // the address that was pinged, or the name if there was none
    std::size_t sent = 0, received = 0;
    std::vector<double> times;  // round trips, ms, in the order of sending
    std::string error;          // the first one, or empty
};

/// Reads one result; what is missing stays empty. None if it is no object or has no probe.
std::optional<ping_result> read_ping(boost::json::value const& from);

/// "2026-01-02 03:04:05" in UTC, from seconds since 1970.
std::string time_text(std::int64_t seconds);

/// One line: when, which probe, to where, what came back.
std::string line_of(ping_result const& result);

/// A table with a row for each probe over all its results, and a last line about all.
/// @param expected  how many probes were to answer; 0 if that is not known.
std::string summary_of(std::vector<ping_result> const& results, std::size_t expected);

/// Which results were shown already. Forgets those far older than the newest, so it does not grow for ever.
class seen_results {
public:
    static constexpr std::int64_t kept = 3'600;  // seconds

    /// Whether this one is new.
    bool take(ping_result const& result);
    /// From where on to ask for results (seconds since 1970): results come late, so a while before the newest.
    std::optional<std::int64_t> ask_from() const;
    /// How many probes have answered since the beginning.
    std::size_t probes() const noexcept { return probes_.size(); }

private:
    std::set<std::pair<std::int64_t, std::int64_t>> keys_;  // (timestamp, probe)
    std::set<std::int64_t> probes_;
};

}  // namespace tp::cli
