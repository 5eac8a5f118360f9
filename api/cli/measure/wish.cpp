#include "api/cli/measure/wish.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "api/cli/measure/types.hpp"
#include "base/ids.hpp"
#include "base/ip_prefix.hpp"

namespace tp::cli {
namespace {

namespace json = boost::json;

std::optional<std::int64_t> count_ids(std::string const& list)
{
    std::int64_t count = 0;
    for (std::size_t begin = 0; begin <= list.size(); ++count) {
        auto const end = std::min(list.find(',', begin), list.size());
        if (!probe_id::parse(std::string_view(list).substr(begin, end - begin))) return std::nullopt;
        begin = end + 1;
    }
    return count;
}

unsigned family_of(measure_wish const& wish)
{
    if (wish.af) return *wish.af;
    auto const address = parse_address(wish.target);
    return address && address->is_v6() ? 6 : 4;
}

json::object source_of(measure_wish const& wish)
{
    auto const make = [&](std::string_view type, json::value value, std::int64_t usual) {
        auto const requested = wish.probes ? std::int64_t{*wish.probes} : usual;
        return json::object{{"type", type}, {"value", std::move(value)}, {"requested", requested}};
    };
    constexpr std::int64_t few = measure_wish::usual_probes, all = -1;
    if (!wish.probe_ids.empty()) return make("probes", json::string(wish.probe_ids), *count_ids(wish.probe_ids));
    if (!wish.country.empty()) return make("country", json::string(wish.country), few);
    if (!wish.prefix.empty()) return make("prefix", json::string(wish.prefix), few);
    if (wish.asn) return make("asn", *wish.asn, few);
    if (wish.from_measurement) return make("msm", *wish.from_measurement, all);
    return make("area", "WW", few);
}

json::object definition_of(measure_wish const& wish)
{
    json::object out{{"type", wish.type}, {"af", family_of(wish)}};
    if (!wish.target.empty()) out["target"] = wish.target;
    out["description"] = wish.description.empty() ? usual_description(wish) : wish.description;
    for (auto const& [key, value] : wish.options) out[key] = value;
    complete_definition(out);
    if (wish.resolve_on_probe) out["resolve_on_probe"] = true;
    if (wish.interval) out["interval"] = *wish.interval;
    if (wish.spread) out["spread"] = *wish.spread;
    if (wish.hidden) out["is_public"] = false;
    return out;
}

}  // namespace

std::optional<std::string> complaint_about(measure_wish const& wish)
{
    auto const ways = int(!wish.probe_ids.empty()) + int(!wish.country.empty()) + int(!wish.prefix.empty()) +
                      int(wish.asn.has_value()) + int(wish.from_measurement.has_value());
    if (ways > 1) return "name only one of --probe-ids, --country, --asn, --prefix and --from-measurement";
    if (!wish.probe_ids.empty() && !count_ids(wish.probe_ids))
        return "--probe-ids is not a list of numbers with commas: " + wish.probe_ids;
    if (wish.af && *wish.af != 4 && *wish.af != 6) return "--af is neither 4 nor 6";
    if (wish.probes && *wish.probes == 0) return "--probes must be at least 1";
    if (!wish.prefix.empty() && !ip_prefix::parse(wish.prefix))
        return "--prefix is not a block of addresses such as 192.0.2.0/24: " + wish.prefix;
    auto const address = parse_address(wish.target);
    if (address && wish.af && *wish.af != (address->is_v6() ? 6U : 4U))
        return "--af " + std::to_string(*wish.af) + " does not fit the address " + wish.target;
    if (wish.stop_after && !wish.interval) return "--stop-after needs --interval: a one-off ends by itself";
    return complaint_about_type(wish);
}

std::string request_body(measure_wish const& wish, wall_time now)
{
    json::object body;
    body["definitions"] = json::array{definition_of(wish)};
    body["probes"] = json::array{source_of(wish)};
    body["is_oneoff"] = !wish.interval.has_value();
    if (wish.stop_after) body["stop_time"] = to_unix_seconds(now) + *wish.stop_after;
    return json::serialize(body);
}

}  // namespace tp::cli
