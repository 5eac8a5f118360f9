#include "api/measurements/definitions.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "api/json_fields.hpp"
#include "api/measurements/types/types.hpp"
#include "proto/kind_names.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr seconds longest_usual_spread{400};

/// What stands at the root of the request and holds for each definition that does not say it itself.
constexpr std::array propagated{"start_time", "stop_time", "is_oneoff", "interval", "spread", "skip_dns_check"};
/// Of these a request has one value for all its definitions.
constexpr std::array same_for_all{"start_time", "stop_time", "is_oneoff"};

bool is_target(std::string_view text) noexcept
{
    // What a name or an address can be made of; whether it means something shows at resolution.
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-._:").find(c) != std::string_view::npos;
    });
}

/// Words with which the platform names routers of the probe's own network. What these answer is nobody else's business.
bool is_near_hop(std::string_view text) noexcept
{
    return text == "first-hop" || text == "second-hop";
}

/// None: it is missing, or none of ours, which is told.
std::optional<proto::result_kind> read_kind(json_fields const& fields, std::string_view only)
{
    auto const type = fields.text("type", longest_tag);
    if (fields.find("type") == nullptr) fields.missing("type");
    if (!type) return std::nullopt;
    auto const kind = proto::kind_of_type(*type);
    if (!kind) {
        fields.complain("type", '"' + *type + "\" is not a valid choice.");
    } else if (!only.empty() && *type != only) {
        fields.complain("type", "Only \"" + std::string(only) + "\" can be created here.");
    }
    return kind;
}

void read_family(json_fields const& fields, definition& out)
{
    auto const af = fields.integer("af", 4, 6);
    if (fields.find("af") == nullptr) fields.missing("af");
    if (af == 5) fields.complain("af", "\"5\" is not a valid choice.");
    out.af = af == 6 ? proto::family::v6 : proto::family::v4;
}

void read_target(json_fields const& fields, definition& out)
{
    if (!proto::needs_target(out.options)) return;  // one that comes nevertheless has no meaning and does no harm
    auto target = fields.text("target", proto::job::longest_target);
    if (fields.find("target") == nullptr) fields.missing("target");
    if (!target) return;
    if (!is_target(*target)) return fields.complain("target", "A name or an address is required.");
    if (is_near_hop(*target))
        return fields.complain("target", "Only built-in measurements go to a probe's own routers.");
    out.target = std::move(*target);
    auto const address = parse_address(out.target);
    if (address && address->is_v6() != (out.af == proto::family::v6)) {
        fields.complain("target", "The address is not of the family that \"af\" names.");
    }
}

void read_common(json_fields const& fields, definition& out)
{
    if (fields.find("description") == nullptr) fields.missing("description");
    out.description = fields.text("description", longest_description).value_or("");
    out.is_public = fields.flag("is_public").value_or(true);
    out.resolve_on_probe = fields.flag("resolve_on_probe").value_or(false);
    out.skip_dns_check = fields.flag("skip_dns_check").value_or(false);
    out.tags = fields.texts("tags", most_tags, longest_tag);
}

void read_repetition(json_fields const& fields, limits const& limits, seconds usual_interval, proto::timetable& out)
{
    auto const least = std::max(limits.shortest_interval, proto::timetable::shortest_interval);
    auto const interval = fields.integer("interval", least.count(), proto::timetable::longest_interval.count());
    out.interval = interval ? seconds(*interval) : std::max(usual_interval, least);
    // Left out: half the interval, at most 400 s, as Atlas does.
    auto const spread = fields.integer("spread", 0, out.interval->count());
    out.spread = spread ? seconds(*spread) : std::min(*out.interval / 2, longest_usual_spread);
}

void read_timetable(json_fields const& fields, limits const& limits, wall_time now, seconds usual_interval,
                    proto::timetable& out)
{
    // A start in the past means now: clocks differ, and nothing can run there.
    out.start = std::max(fields.time("start_time").value_or(now), now);
    if (out.start > now + latest_start) fields.complain("start_time", "The start lies too far ahead.");
    bool const one_off = fields.flag("is_oneoff").value_or(false);
    auto const stop = fields.time("stop_time");
    if (one_off) {
        if (fields.find("stop_time") != nullptr) fields.complain("stop_time", "A one-off must not have a stop time.");
        return;  // an interval that comes with it has no meaning and does no harm
    }
    if (stop && *stop <= out.start) fields.complain("stop_time", "The stop time must lie after the start and now.");
    out.stop = stop;
    read_repetition(fields, limits, usual_interval, out);
}

/// A copy of the definition in which the root's values stand where it has none of its own. Faults about them then point
/// into the definition, which is where Atlas points, too.
json::object with_root_values(json::object const& own, json::object const& root)
{
    json::object out = own;
    for (auto const* name : propagated) {
        auto const* value = root.if_contains(name);
        auto const* mine = own.if_contains(name);
        if (value != nullptr && (mine == nullptr || mine->is_null())) out[name] = *value;
    }
    return out;
}

void check_same_for_all(json::object const& root, std::vector<json::object> const& all, std::vector<fault>& faults)
{
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (auto const* name : same_for_all) {
            auto const* here = all[i].if_contains(name);
            auto const* first = root.if_contains(name) != nullptr ? root.if_contains(name) : all[0].if_contains(name);
            bool const same = (here == nullptr || first == nullptr) ? here == first : *here == *first;
            if (same) continue;
            auto const pointer = "/definitions/" + std::to_string(i) + '/' + name;
            faults.push_back({pointer, "All definitions must have the same value.", fault::place::body});
        }
    }
}

definition read_definition(json::object const& object, std::string const& pointer, limits const& limits, wall_time now,
                           std::string_view only, std::vector<fault>& faults)
{
    definition out;
    json_fields const fields(object, pointer, faults);
    auto const kind = read_kind(fields, only);
    auto const& type = type_of(kind.value_or(proto::result_kind::ping));
    if (kind) out.options = type.read(fields);
    read_family(fields, out);
    read_target(fields, out);
    read_common(fields, out);
    read_timetable(fields, limits, now, type.usual_interval, out.when);
    return out;
}

std::vector<definition> read_definitions(json::object const& root, limits const& limits, wall_time now,
                                         std::string_view only, std::vector<fault>& faults)
{
    auto const* list = root.if_contains("definitions");
    if (list == nullptr || list->is_null()) {
        faults.push_back({"/definitions", "This field is required.", fault::place::body});
        return {};
    }
    auto const* array = list->if_array();
    if (array == nullptr || array->empty() || array->size() > limits.definitions_per_request) {
        auto const detail = "Expected a list of 1 to " + std::to_string(limits.definitions_per_request) + " items.";
        faults.push_back({"/definitions", detail, fault::place::body});
        return {};
    }
    std::vector<definition> out;
    std::vector<json::object> all;
    for (std::size_t i = 0; i < array->size(); ++i) {
        auto const pointer = "/definitions/" + std::to_string(i);
        if (auto const* own = (*array)[i].if_object()) {
            all.push_back(with_root_values(*own, root));
            out.push_back(read_definition(all.back(), pointer, limits, now, only, faults));
        } else {
            faults.push_back({pointer, "Expected an object.", fault::place::body});
        }
    }
    if (all.size() == array->size()) check_same_for_all(root, all, faults);
    return out;
}

}  // namespace

checked<creation> parse_creation(std::string const& body, limits const& limits, wall_time now, std::string_view only)
{
    auto const parsed = parse_json(body);
    if (!parsed) return parsed.error();
    auto const* root = parsed->if_object();
    if (root == nullptr) return bad_body("", "Expected an object with \"definitions\" and \"probes\".");

    creation out;
    std::vector<fault> faults;
    out.definitions = read_definitions(*root, limits, now, only, faults);
    auto const* probes = root->if_contains("probes");
    if (probes == nullptr || probes->is_null()) {
        faults.push_back({"/probes", "This field is required.", fault::place::body});
    } else {
        out.sources = parse_sources(*probes, "/probes", limits, faults);
        out.sources_text = json::serialize(*probes);
    }
    if (!faults.empty()) return problem{400, {}, std::move(faults)};
    return out;
}

}  // namespace tp::api
