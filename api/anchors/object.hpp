#pragma once

#include <boost/json/fwd.hpp>

#include "api/errors.hpp"
#include "api/http/request.hpp"
#include "store/documents.hpp"

namespace tp::api {

/// An anchor as RIPE Atlas shows it, with all its addresses and its ports besides.
boost::json::object anchor_object(store::anchor_record const& record);

/// Reads `country`, `search`, `as_v4` and `as_v6`; unknown ones are ignored.
checked<store::anchor_filter> parse_anchor_filter(http::request const& request);

}  // namespace tp::api
