#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tp::cli {

/// One result of the API, of any type, as far as people look at it.
struct shown_result {
    std::int64_t probe = 0;
    std::int64_t timestamp = 0;           // seconds since 1970
    std::string type;                     // the API's name
    std::string target;                   // the address that was measured, or the name if there was none
    std::size_t asked = 0, answered = 0;  // what is counted: tally::words
    std::vector<double> times;            // of the answers, ms, in the order of asking
    std::string told;                     // what was found, for its line
    std::string remark;                   // the same in a few words, or what went wrong, for the table at the end
    std::string details;                  // further lines, each with its end; printable
};

/// Reads one result; what is missing stays empty. None if it is no object or has no probe.
std::optional<shown_result> read_result(boost::json::value const& from);

/// One line: when, which probe, to where, what was found.
std::string line_of(shown_result const& result);

// What read_result() asks for each type: fills all but probe, timestamp, type and target.
void read_ping(boost::json::object const& from, shown_result& out);
void read_traceroute(boost::json::object const& from, shown_result& out);
void read_dns(boost::json::object const& from, shown_result& out);
void read_http(boost::json::object const& from, shown_result& out);
void read_sslcert(boost::json::object const& from, shown_result& out);
void read_ntp(boost::json::object const& from, shown_result& out);

/// The first of "error", "err", "dnserr" and "sockerr" that is there, or empty: the words of Atlas results.
std::string error_in(boost::json::object const& from);

}  // namespace tp::cli
