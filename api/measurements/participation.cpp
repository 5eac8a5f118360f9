#include "api/measurements/participation.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/json_fields.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

void read_one(json::value const& given, std::string const& pointer, limits const& limits,
              std::vector<participation_request>& out, std::vector<fault>& faults)
{
    auto const* object = given.if_object();
    if (object == nullptr) return faults.push_back({pointer, "Expected an object.", fault::place::body});
    json_fields const fields(*object, pointer, faults);
    auto const action = fields.text("action", longest_tag);
    if (fields.find("action") == nullptr) return fields.missing("action");
    if (action != "add" && action != "remove") return fields.complain("action", "Must be \"add\" or \"remove\".");
    auto from = parse_source(given, pointer, limits, faults);
    if (!from) return;
    if (action == "remove" && from->type != "probes") {
        return fields.complain("type", "Only sources of type \"probes\" can be removed.");
    }
    out.push_back({action == "add", std::move(*from)});
}

}  // namespace

checked<std::vector<participation_request>> parse_participation(std::string const& body, limits const& limits)
{
    auto parsed = parse_json(body);
    if (!parsed) return parsed.error();
    if (parsed->is_object()) parsed = json::value(json::array{*parsed});
    auto const* list = parsed->if_array();
    if (list == nullptr || list->empty() || list->size() > most_sources) {
        return bad_body("", "Expected a list of 1 to " + std::to_string(most_sources) + " requests.");
    }
    std::vector<participation_request> out;
    std::vector<fault> faults;
    for (std::size_t i = 0; i < list->size(); ++i) {
        read_one((*list)[i], '/' + std::to_string(i), limits, out, faults);
    }
    if (!faults.empty()) return problem{400, {}, std::move(faults)};
    return out;
}

}  // namespace tp::api
