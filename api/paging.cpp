#include "api/paging.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "api/json_fields.hpp"
#include "api/parameters.hpp"
#include "api/results/text.hpp"
#include "api/times.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

checked<std::uint32_t> number(http::request const& request, std::string_view name, std::uint32_t otherwise)
{
    std::optional<std::uint32_t> value = otherwise;
    if (read_number(request, name, value) && *value > 0) return *value;
    return bad_parameter(std::string(name), "A positive whole number is required.");
}

/// The request's address with all that does not say where to begin, open for that.
std::string url_without_place(http::request const& request)
{
    std::string out = base_url(request);
    out += std::string_view(request.path).substr(1);
    out += '?';
    for (auto const& [name, value] : request.query) {
        if (name != "page" && name != "after")
            out += http::percent_encoded(name) + '=' + http::percent_encoded(value) + '&';
    }
    return out;
}

std::string cursor_url(http::request const& request, std::int64_t last)
{
    std::string cursor;
    append_base64(cursor, '[' + std::to_string(last) + ']');
    return url_without_place(request) + "after=" + http::percent_encoded(cursor);
}

bool contains(std::vector<std::string> const& list, std::string_view name)
{
    return std::find(list.begin(), list.end(), name) != list.end();
}

/// Members that are times, in whatever object.
constexpr std::array<std::string_view, 7> times{"creation_time",   "start_time",     "stop_time",   "when",
                                                "first_connected", "last_connected", "status_since"};

void write_iso_times(json::object& object)
{
    for (auto& member : object) {
        auto& value = member.value();
        if (auto* inner = value.if_object()) write_iso_times(*inner);
        auto const* seconds = value.if_int64();
        bool const is_time = std::find(times.begin(), times.end(), std::string_view(member.key())) != times.end();
        if (seconds != nullptr && is_time) value = iso_text(from_unix_seconds(*seconds));
    }
}

}  // namespace

checked<page> parse_page(http::request const& request, std::uint32_t reach)
{
    auto const at = number(request, "page", 1);
    if (!at) return at.error();
    auto const size = number(request, "page_size", page::usual_size);
    if (!size) return size.error();
    page out{*at, std::min(*size, page::largest_size), reach};
    if (std::uint64_t{out.number - 1} * out.size >= reach) return problem{404, "Invalid page.", {}};
    return out;
}

checked<std::optional<std::int64_t>> parse_cursor(http::request const& request)
{
    auto const given = request.find("after");
    if (!given) return std::optional<std::int64_t>();
    auto const text = base64_decoded(*given);
    std::int64_t number = 0;
    if (text && text->size() > 2 && text->front() == '[' && text->back() == ']') {
        auto const* const last = text->data() + text->size() - 1;
        auto const [end, error] = std::from_chars(text->data() + 1, last, number);
        if (error == std::errc{} && end == last) return std::optional(number);
    }
    return bad_parameter("after", "Not a valid cursor: follow the links of a list.");
}

std::string base_url(http::request const& request)
{
    return (request.secure ? "https://" : "http://") + request.host + '/';
}

std::string page_url(http::request const& request, std::uint32_t number)
{
    return url_without_place(request) + "page=" + std::to_string(number);
}

json::object envelope(http::request const& request, page const& at, std::uint64_t count, json::array results)
{
    json::object out{{"count", count}, {"next", nullptr}, {"previous", nullptr}};
    bool const more = std::uint64_t{at.number} * at.size < count;
    bool const reachable = std::uint64_t{at.number} * at.size < at.reach;
    if (more && reachable) out["next"] = page_url(request, at.number + 1);
    if (at.number > 1) out["previous"] = page_url(request, at.number - 1);
    out["results"] = std::move(results);
    return out;
}

json::object cursor_envelope(http::request const& request, page const& at, std::uint64_t count,
                             std::optional<std::int64_t> last, json::array results)
{
    auto out = envelope(request, at, count, std::move(results));
    out["next"] = nullptr;
    if (last) out["next"] = cursor_url(request, *last);
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

void format_times(json::object& object, http::request const& request)
{
    auto const wanted = request.find("format[datetime]");
    if (wanted == "iso-8601" || wanted == "json") write_iso_times(object);
}

void shape_object(json::object& object, http::request const& request)
{
    select_fields(object, request);
    format_times(object, request);
}

}  // namespace tp::api
