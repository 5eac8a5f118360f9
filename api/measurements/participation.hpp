#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/errors.hpp"
#include "api/limits.hpp"
#include "api/measurements/sources.hpp"

namespace tp::api {

/// One wish of POST /measurements/{id}/participation-requests/.
struct participation_request {
    bool add = true;  // else remove: then `from` is of type "probes"
    struct source from;
};

/// Reads the array of wishes; a single object is taken as an array of one.
checked<std::vector<participation_request>> parse_participation(std::string const& body, limits const& limits);

}  // namespace tp::api
