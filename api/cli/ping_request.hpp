#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace tp::cli {

/// What `trigpoint measure ping` was told.
struct ping_wish {
    static constexpr unsigned usual_probes = 5;

    std::string target, description;
    std::optional<unsigned> af;  // none: that of the target if it is an address, else 4
    std::optional<unsigned> packets, size;
    std::optional<unsigned> probes;  // how many; none: usual_probes, all that are named, all of the measurement
    // Which; at most one of these. None: anywhere.
    std::string probe_ids, country, prefix;
    std::optional<std::uint32_t> asn, from_measurement;
    std::optional<std::uint32_t> interval, stop_after;  // seconds; none: one-off; none: until it is stopped
    bool hidden = false;                                // not public
};

/// What is wrong with the wish as such, in plain words, or nothing. What the API alone can judge is left to it.
std::optional<std::string> complaint_about(ping_wish const& wish);

/// The body of POST /api/v2/measurements/. @pre nothing to complain about.
std::string request_body(ping_wish const& wish, wall_time now);

/// Seconds since 1970 from "1700000000" or "2026-01-02[T03:04[:05]][Z]" (UTC).
std::optional<std::int64_t> parse_time(std::string const& text);

/// `text` so that it can stand as a value in a query.
std::string query_escape(std::string const& text);

}  // namespace tp::cli
