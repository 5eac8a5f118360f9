#pragma once

#include "api/errors.hpp"
#include "api/http/request.hpp"
#include "store/probes.hpp"

namespace tp::api {

/// What the list of probes is filtered by; parameters that are not Atlas's are ignored, and so are `favourite` and
/// `hidden`, which nothing is here. `trust` is ours.
checked<store::probe_filter> parse_probe_filter(http::request const& request);

}  // namespace tp::api
