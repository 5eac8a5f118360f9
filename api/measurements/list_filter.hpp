#pragma once

#include "api/errors.hpp"
#include "api/http/request.hpp"
#include "store/measurements.hpp"

namespace tp::api {

/// What the list of measurements is filtered and sorted by; parameters that are not Atlas's are ignored, and so are
/// `favourite` and `hidden`, which nothing is here.
checked<store::measurement_filter> parse_measurement_filter(http::request const& request);

}  // namespace tp::api
