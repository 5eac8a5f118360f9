#include "api/anchors/object.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/parameters.hpp"
#include "api/times.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

/// The first of a family, which is all that Atlas has room for.
json::value first_address(std::vector<ip_address> const& among, bool v6)
{
    auto const found =
        std::find_if(among.begin(), among.end(), [&](ip_address const& each) { return each.is_v6() == v6; });
    return found == among.end() ? json::value(nullptr) : json::value(found->to_string());
}

template <class T>
json::value number_or_null(std::optional<T> const& value)
{
    return value ? json::value(*value) : json::value(nullptr);
}

void add_network(json::object& out, store::anchor_entry const& says)
{
    auto const v6 = first_address(says.addresses, true);
    out["is_ipv4_only"] = v6.is_null();
    out["ip_v4"] = first_address(says.addresses, false);
    out["ip_v6"] = v6;
    out["as_v4"] = number_or_null(says.as_v4);
    out["as_v6"] = number_or_null(says.as_v6);
    json::array addresses;
    for (auto const& each : says.addresses) addresses.emplace_back(each.to_string());
    out["addresses"] = std::move(addresses);
    out["ports"] = json::array(says.ports.begin(), says.ports.end());
}

json::value point(store::anchor_entry const& says)
{
    if (!says.latitude || !says.longitude) return nullptr;
    return json::object{{"type", "Point"}, {"coordinates", json::array{*says.longitude, *says.latitude}}};
}

/// Members of Atlas that say nothing here; typed clients want them to be there.
void add_what_is_not_known(json::object& out)
{
    for (auto const* name : {"ip_v4_gateway", "ip_v4_netmask", "ip_v6_gateway", "ip_v6_prefix", "tlsa_record",
                             "replaces_anchor", "hardware_version"})
        out[name] = nullptr;
    out["nic_handle"] = "";
    out["is_replacement"] = false;
}

}  // namespace

json::object anchor_object(store::anchor_record const& record)
{
    auto const& says = record.says;
    json::object out{{"id", record.id.value()}, {"type", "Anchor"}};
    out["hostname"] = says.name.substr(0, says.name.find('.'));
    out["fqdn"] = says.name;
    out["probe"] = says.probe ? json::value(says.probe->value()) : json::value(nullptr);
    add_network(out, says);
    out["city"] = says.city;
    out["country"] = says.country;
    out["company"] = says.company;
    out["geometry"] = point(says);
    out["is_disabled"] = record.ended.has_value();
    out["date_live"] = iso_text(record.listed);
    out["date_decommissioned"] = record.ended ? json::value(iso_text(*record.ended)) : json::value(nullptr);
    add_what_is_not_known(out);
    return out;
}

checked<store::anchor_filter> parse_anchor_filter(http::request const& request)
{
    store::anchor_filter out;
    out.country = request.find("country").value_or("");
    out.search = request.find("search").value_or("");
    constexpr auto asn_wanted = "An AS number is required.";
    if (!read_number(request, "as_v4", out.as_v4)) return bad_parameter("as_v4", asn_wanted);
    if (!read_number(request, "as_v6", out.as_v6)) return bad_parameter("as_v6", asn_wanted);
    return out;
}

}  // namespace tp::api
