#pragma once

#include <boost/json/fwd.hpp>
#include <charconv>
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
    static constexpr std::uint32_t reachable = 20'000;  // objects that can be reached by number of page

    std::uint32_t number = 1, size = usual_size;
    std::uint32_t offset() const noexcept { return (number - 1) * size; }
};

checked<page> parse_page(http::request const& request);

/// The number that a parameter holds, into `out`, which stays as it is when the parameter is absent. False: no number.
template <class Number>
bool read_number(http::request const& request, std::string_view name, std::optional<Number>& out)
{
    auto const text = request.find(name);
    if (!text) return true;
    Number value = 0;
    auto const* const last = text->data() + text->size();
    auto const [end, error] = std::from_chars(text->data(), last, value);
    if (error != std::errc{} || end != last) return false;
    out = value;
    return true;
}

/// "https://host/": scheme and host as the client named us, so that links lead back here.
std::string base_url(http::request const& request);

/// The request's address with another page number; everything else of the query stays.
std::string page_url(http::request const& request, std::uint32_t number);

/// {"count", "next", "previous", "results"}.
boost::json::object envelope(http::request const& request, page const& at, std::uint64_t count,
                             boost::json::array results);

/// The same of a list that is short enough never to come in pages.
boost::json::object whole_list(http::request const& request, boost::json::array results);

/// Keeps the fields that `fields` names, and `id` and `type`; without the parameter, all that are not `optional`, and
/// those that `optional_fields` names.
void select_fields(boost::json::object& object, http::request const& request);

/// Whether an optional field is wanted: named in `fields` or `optional_fields`.
bool wants_field(http::request const& request, std::string_view name);

}  // namespace tp::api
