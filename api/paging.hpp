#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/errors.hpp"
#include "api/http/request.hpp"

namespace tp::api {

/// Which part of a list is asked for. Sizes above the largest are clamped silently, as Atlas does.
struct page {
    static constexpr std::uint32_t usual_size = 50, largest_size = 500;
    static constexpr std::uint32_t reachable = 20'000;          // objects that can be reached by number of page
    static constexpr std::uint32_t all_probes = 2'147'483'647;  // there cannot be more

    std::uint32_t number = 1, size = usual_size, reach = reachable;
    std::uint32_t offset() const noexcept { return (number - 1) * size; }
};

checked<page> parse_page(http::request const& request, std::uint32_t reach = page::reachable);

/// Where a list that is sorted by number goes on: after the number that `after` holds, as base64 of "[1021778]".
checked<std::optional<std::int64_t>> parse_cursor(http::request const& request);

/// "https://host/": scheme and host as the client named us, so that links lead back here.
std::string base_url(http::request const& request);

/// The request's address with another page number; everything else of the query stays.
std::string page_url(http::request const& request, std::uint32_t number);

/// {"count", "next", "previous", "results"}.
boost::json::object envelope(http::request const& request, page const& at, std::uint64_t count,
                             boost::json::array results);

/// The same of a list that is sorted by number. `last` is the last one shown; none: there are no more. However long the
/// list is and grows, `next` goes on from there.
boost::json::object cursor_envelope(http::request const& request, page const& at, std::uint64_t count,
                                    std::optional<std::int64_t> last, boost::json::array results);

/// The same of a list that is short enough never to come in pages.
boost::json::object whole_list(http::request const& request, boost::json::array results);

/// Keeps the fields that `fields` names, and `id` and `type`; without the parameter, all that are not `optional`, and
/// those that `optional_fields` names.
void select_fields(boost::json::object& object, http::request const& request);

/// The times of an object and of those in it as ISO 8601, if `format[datetime]` wants them so ("iso-8601", "json").
/// They are unix seconds else.
void format_times(boost::json::object& object, http::request const& request);

/// The object as the request wants it: both of these.
void shape_object(boost::json::object& object, http::request const& request);

/// Whether an optional field is wanted: named in `fields` or `optional_fields`.
bool wants_field(http::request const& request, std::string_view name);

}  // namespace tp::api
