#pragma once

#include "api/errors.hpp"
#include "api/http/request.hpp"
#include "base/time.hpp"
#include "store/result_store.hpp"

namespace tp::api {

/// What a request for results asks.
struct result_request {
    store::result_query query;
    bool lines = false;  // format=txt: one JSON object a line
};

inline constexpr std::size_t most_result_probes = 10'000;  // in probe_ids, ranges counted out

// Both also take anchors-only and public-only (and with an underscore): results of such probes alone; and
// include_flagged=true: what came from isolated probes is left out otherwise.

/// start, stop, probe_ids ("1,2,5-9"), format.
checked<result_request> parse_results_request(http::request const& request, measurement_id measurement);

/// probe_ids, versions (1 .. 10), lookback_days (0: without limit; 7, or 0 when probe_ids is given), format.
checked<result_request> parse_latest_request(http::request const& request, measurement_id measurement, wall_time now);

}  // namespace tp::api
