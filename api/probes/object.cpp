#include "api/probes/object.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "api/results/result.hpp"
#include "api/times.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

template <class T>
json::value number_or_null(std::optional<T> const& value)
{
    return value ? json::value(*value) : json::value(nullptr);
}

json::value time_or_null(std::optional<wall_time> const& at)
{
    return at ? json::value(to_unix_seconds(*at)) : json::value(nullptr);
}

json::value address_or_null(std::optional<ip_address> const& address, bool shown)
{
    return address && shown ? json::value(address->to_string()) : json::value(nullptr);
}

json::value prefix_or_null(std::optional<ip_prefix> const& prefix)
{
    return prefix ? json::value(prefix->text()) : json::value(nullptr);
}

json::value point(store::probe_record const& record, bool exact)
{
    if (!record.latitude || !record.longitude) return nullptr;
    auto const blurred = [&](double degrees) { return exact ? degrees : std::round(degrees * 100) / 100; };
    return json::object{{"type", "Point"},
                        {"coordinates", json::array{blurred(*record.longitude), blurred(*record.latitude)}}};
}

json::array tag_list(std::vector<std::string> const& slugs)
{
    json::array out;
    for (auto const& slug : slugs) {
        std::string name = slug;
        for (auto& c : name) c = c == '-' ? ' ' : c;
        out.push_back(json::object{{"name", name}, {"slug", slug}});
    }
    return out;
}

void add_network(json::object& out, store::probe_record const& record, bool addresses)
{
    out["address_v4"] = address_or_null(record.address_v4, addresses);
    out["address_v6"] = address_or_null(record.address_v6, addresses);
    out["prefix_v4"] = prefix_or_null(record.prefix_v4);
    out["prefix_v6"] = prefix_or_null(record.prefix_v6);
    out["asn_v4"] = number_or_null(record.asn_v4);
    out["asn_v6"] = number_or_null(record.asn_v6);
    out["country_code"] = record.country.empty() ? json::value(nullptr) : json::value(record.country);
}

}  // namespace

std::string_view name_of(store::probe_status status) noexcept
{
    static constexpr std::array<std::string_view, 5> names{"Never Connected", "Connected", "Disconnected", "Abandoned",
                                                           "Written Off"};
    return names.at(static_cast<std::size_t>(status));
}

json::object probe_object(store::probe_record const& record, caller const& who)
{
    bool const trusted = sees_private(who, record.owner, "probes.list_probes");
    json::object out{{"id", record.id.value()}, {"type", "Probe"}, {"description", record.description}};
    out["status"] = json::object{{"id", static_cast<int>(record.status)},
                                 {"name", name_of(record.status)},
                                 {"since", iso_text(record.status_since)}};
    out["status_since"] = to_unix_seconds(record.status_since);
    out["first_connected"] = time_or_null(record.first_connected);
    out["last_connected"] = time_or_null(record.last_connected);
    out["total_uptime"] = record.total_uptime.count();
    add_network(out, record, trusted || record.is_public);
    out["geometry"] = point(record, trusted);
    out["is_anchor"] = std::find(record.tags.begin(), record.tags.end(), "system-anchor") != record.tags.end();
    out["is_public"] = record.is_public;
    out["firmware_version"] = record.software.empty() ? 0 : shown_firmware;
    out["software"] = record.software.empty() ? json::value(nullptr) : json::value(record.software);
    out["tags"] = tag_list(record.tags);
    if (trusted) out["trust"] = name_of(record.trust);
    return out;
}

}  // namespace tp::api
