#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>

#include "api/errors.hpp"
#include "api/http/request.hpp"

namespace tp::api {

/// Which part of a list is asked for. Sizes above the largest are clamped silently, as Atlas does.
struct page {
    static constexpr std::uint32_t usual_size = 50, largest_size = 500;
    static constexpr std::uint32_t reachable = 20'000;  // objects that can be reached by number of page

    std::uint32_t number = 1, size = usual_size;
    std::uint32_t offset() const noexcept { return (number - 1) * size; }
};

checked<page> parse_page(http::request const& request);

/// "https://host/": scheme and host as the client named us, so that links lead back here.
std::string base_url(http::request const& request);

/// The request's address with another page number; everything else of the query stays.
std::string page_url(http::request const& request, std::uint32_t number);

/// {"count", "next", "previous", "results"}.
boost::json::object envelope(http::request const& request, page const& at, std::uint64_t count,
                             boost::json::array results);

/// Keeps the fields that `fields` names, and `id` and `type`; without the parameter, all that are not `optional`, and
/// those that `optional_fields` names.
void select_fields(boost::json::object& object, http::request const& request);

/// Whether an optional field is wanted: named in `fields` or `optional_fields`.
bool wants_field(http::request const& request, std::string_view name);

}  // namespace tp::api
