#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/errors.hpp"
#include "api/limits.hpp"
#include "api/measurements/sources.hpp"
#include "base/time.hpp"
#include "proto/job.hpp"

namespace tp::api {

/// One element of "definitions", checked: every value is in its range, defaults are filled in.
struct definition {
    proto::family af = proto::family::v4;
    std::string target;  // empty: it needs none
    std::string description;
    bool is_public = true;
    bool resolve_on_probe = false;
    bool skip_dns_check = false;  // a name that we do not find is left to the probes
    std::vector<std::string> tags;
    proto::timetable when;
    proto::options options;
};

/// A checked body of POST /measurements/.
struct creation {
    std::vector<definition> definitions;
    std::vector<source> sources;
    std::string sources_text;  // the request's "probes", as JSON
};

/// Reads a creation request. `now` is where a measurement without a start time begins; `only` names the type that the
/// path asks for ("ping", "sslcert", ...), or is empty. Unknown keys are ignored, as clients rely on. Source: the Atlas
/// API, "Creating measurements".
checked<creation> parse_creation(std::string const& body, limits const& limits, wall_time now, std::string_view only);

}  // namespace tp::api
