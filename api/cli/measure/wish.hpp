#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace tp::cli {

/// What `trigpoint measure TYPE` was told: what to measure, from where, and when.
struct measure_wish {
    static constexpr unsigned usual_probes = 5;

    std::string type = "ping";    // the API's name
    std::string target;           // empty: the probes' own resolvers (dns)
    boost::json::object options;  // of the type: fields of the definition, as the API names them
    std::string description;
    std::optional<unsigned> af;  // none: that of the target if it is an address, else 4
    bool resolve_on_probe = false;

    std::optional<unsigned> probes;  // how many; none: usual_probes, all that are named, all of the measurement
    // Which; at most one of these. None: anywhere.
    std::string probe_ids, country, prefix;
    std::optional<std::uint32_t> asn, from_measurement;

    // Seconds. None: a one-off; the API's choice; until somebody stops it.
    std::optional<std::uint32_t> interval, spread, stop_after;
    bool hidden = false;  // not public
};

/// What is wrong with the wish as such, in plain words, or nothing. What the API alone can judge is left to it.
std::optional<std::string> complaint_about(measure_wish const& wish);

/// The body of POST /api/v2/measurements/. @pre nothing to complain about.
std::string request_body(measure_wish const& wish, wall_time now);

}  // namespace tp::cli
