#include "api/paging.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/json_fields.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

checked<std::uint32_t> number(http::request const& request, std::string_view name, std::uint32_t otherwise)
{
    std::optional<std::uint32_t> value = otherwise;
    if (read_number(request, name, value) && *value > 0) return *value;
    return bad_parameter(std::string(name), "A positive whole number is required.");
}

bool contains(std::vector<std::string> const& list, std::string_view name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

checked<page> parse_page(http::request const& request)
{
    auto const at = number(request, "page", 1);
    if (!at) return at.error();
    auto const size = number(request, "page_size", page::usual_size);
    if (!size) return size.error();
    page out{*at, std::min(*size, page::largest_size)};
    if (std::uint64_t{out.number - 1} * out.size >= page::reachable) return problem{404, "Invalid page.", {}};
    return out;
}

std::string base_url(http::request const& request)
{
    return (request.secure ? "https://" : "http://") + request.host + '/';
}

std::string page_url(http::request const& request, std::uint32_t number)
{
    std::string out = base_url(request);
    out += std::string_view(request.path).substr(1);
    out += '?';
    for (auto const& [name, value] : request.query) {
        if (name != "page") out += http::percent_encoded(name) + '=' + http::percent_encoded(value) + '&';
    }
    return out + "page=" + std::to_string(number);
}

json::object envelope(http::request const& request, page const& at, std::uint64_t count, json::array results)
{
    json::object out{{"count", count}, {"next", nullptr}, {"previous", nullptr}};
    bool const more = std::uint64_t{at.number} * at.size < count;
    bool const reachable = std::uint64_t{at.number} * at.size < page::reachable;
    if (more && reachable) out["next"] = page_url(request, at.number + 1);
    if (at.number > 1) out["previous"] = page_url(request, at.number - 1);
    out["results"] = std::move(results);
    return out;
}

json::object whole_list(http::request const& request, json::array results)
{
    auto const count = results.size();
    return envelope(request, {1, page::largest_size}, count, std::move(results));
}

bool wants_field(http::request const& request, std::string_view name)
{
    auto const fields = split_list(request.find("fields").value_or(""));
    auto const optional = split_list(request.find("optional_fields").value_or(""));
    return contains(fields, name) || contains(optional, name);
}

void select_fields(json::object& object, http::request const& request)
{
    if (!request.has("fields")) return;
    auto keep = split_list(request.find("fields").value_or(""));
    for (auto& more : split_list(request.find("optional_fields").value_or(""))) keep.push_back(std::move(more));
    json::object out;
    for (auto const& [name, value] : object) {
        if (name == "id" || name == "type" || contains(keep, name)) out[name] = value;
    }
    object = std::move(out);
}

}  // namespace tp::api
