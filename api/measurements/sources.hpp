#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/errors.hpp"
#include "api/limits.hpp"
#include "store/probes.hpp"

namespace tp::api {

/// One element of "probes" in a request: which probes, and how many of them.
struct source {
    std::string type;            // "area", "country", ...
    store::probe_filter filter;  // limit and offset are not used
    std::uint32_t requested = 0;
    bool all = false;  // requested was -1: as many as the platform allows (`requested` then holds that)
};

/// Reads one source. What is wrong is added to `faults` with pointers below `pointer` ("/probes/0").
std::optional<source> parse_source(boost::json::value const& given, std::string const& pointer, limits const& limits,
                                   std::vector<fault>& faults);

/// Reads a non-empty list of sources; the sum of what they request is within limits.
std::vector<source> parse_sources(boost::json::value const& given, std::string const& pointer, limits const& limits,
                                  std::vector<fault>& faults);

/// Countries of a named area ("West", "North-Central", ...): empty for "WW"; none for an unknown name.
/// The rule: West is the Americas; North-Central Europe; South-Central Africa and the Middle East; North-East Russia,
/// central and eastern Asia; South-East southern and south-eastern Asia and Oceania.
std::optional<std::vector<std::string>> countries_of_area(std::string_view name);

/// "1,2,5-9" with spaces allowed. Errors: errc::malformed; errc::too_large beyond `most` numbers.
result<std::vector<std::int32_t>> parse_ids(std::string_view text, std::size_t most);

}  // namespace tp::api
