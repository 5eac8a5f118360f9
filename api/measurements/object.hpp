#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/request.hpp"
#include "api/results/result.hpp"
#include "store/measurements.hpp"

namespace tp::api {

/// A measurement as RIPE Atlas shows it. `base` is where links begin ("https://host/").
boost::json::object measurement_object(store::measurement_record const& record, std::string const& base);

/// [{"id", "url"}]
boost::json::array probe_links(std::vector<probe_id> const& probes, std::string const& base);

std::string_view name_of(store::measurement_status status) noexcept;
/// By number or by name in any case.
std::optional<store::measurement_status> status_named(std::string_view text);

/// The type of a path that is about one ("/measurements/dns/"), else empty.
std::string_view type_in_path(http::request const& request);

result_context context_of(store::measurement_record const& record);

}  // namespace tp::api
