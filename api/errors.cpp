#include "api/errors.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "api/http/head.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

/// Seen in real answers: 102 with 400, 104 with 403. The others are not documented.
int code_of(unsigned status) noexcept
{
    return status == 400 ? 102 : status == 403 ? 104 : 100;
}

std::string usual_detail(problem const& what)
{
    switch (what.status) {
        case 400:
            return what.faults.size() > 1 ? "There were problems with your request"
                                          : "There was a problem with your request";
        case 403:
            return "You do not have permission to perform this action.";
        case 404:
            return "Not found.";
        case 405:
            return "This method is not allowed here.";
        case 503:
            return "The service is busy or a part of it is unavailable. Please try again.";
        default:
            return std::string(http::reason_phrase(what.status)) + '.';
    }
}

}  // namespace

void throw_exception_from_error(problem const& what, boost::source_location const&)
{
    throw std::logic_error("value of a failed check: " + to_json(what));
}

problem bad_body(std::string pointer, std::string detail)
{
    return {400, {}, {{std::move(pointer), std::move(detail), fault::place::body}}};
}

problem bad_parameter(std::string name, std::string detail)
{
    return {400, {}, {{std::move(name), std::move(detail), fault::place::query}}};
}

problem forbidden(std::string detail)
{
    return {403, std::move(detail), {}};
}

problem not_found()
{
    return {404, {}, {}};
}

problem from_store(error_code error)
{
    if (error == errc::not_found) return not_found();
    if (error == errc::conflict) return {409, "It exists already, or somebody else changed it first.", {}};
    if (error == errc::unavailable || error == errc::timed_out) return {503, {}, {}};
    return {500, {}, {}};
}

std::string to_json(problem const& what)
{
    json::object error{
        {"status", what.status}, {"code", code_of(what.status)}, {"title", http::reason_phrase(what.status)}};
    error["detail"] = what.detail.empty() ? usual_detail(what) : what.detail;
    if (!what.faults.empty()) {
        json::array list;
        for (auto const& each : what.faults) {
            auto const* const kind = each.in == fault::place::body ? "pointer" : "parameter";
            list.push_back(json::object{{"source", json::object{{kind, each.where}}}, {"detail", each.detail}});
        }
        error["errors"] = std::move(list);
    }
    return json::serialize(json::object{{"error", std::move(error)}});
}

http::response answer(problem const& what)
{
    http::response out;
    out.status = what.status;
    out.body = to_json(what);
    if (what.status == 503 || what.status == 429) out.headers.emplace_back("Retry-After", "1");
    return out;
}

}  // namespace tp::api
