#include "api/probes/list_filter.hpp"

#include <algorithm>
#include <cmath>

#include "api/json_fields.hpp"
#include "api/measurements/sources.hpp"
#include "api/parameters.hpp"
#include "api/probes/object.hpp"
#include "api/results/result.hpp"

namespace tp::api {
namespace {

using store::probe_status;
using column = store::probe_column;

constexpr std::size_t most_ids = 2'000;  // id__in of 500 and more is usual

constexpr std::array<filter_row<column>, 9> table{{
    {"id", column::id, value_kind::number, forms::compared},
    {"asn_v4", column::asn_v4, value_kind::number, forms::listed},
    {"asn_v6", column::asn_v6, value_kind::number, forms::listed},
    {"asn46diff", column::asns_differ, value_kind::flag, forms::plain},
    {"latitude", column::latitude, value_kind::real, forms::ordered},
    {"longitude", column::longitude, value_kind::real, forms::ordered},
    {"is_anchor", column::is_anchor, value_kind::flag, forms::plain},
    {"is_public", column::is_public, value_kind::flag, forms::plain},
    {"search", column::description, value_kind::text, forms::searched},
}};

bool read_prefix(http::request const& request, char const* name, std::optional<ip_prefix>& out)
{
    auto const text = request.find(name);
    if (!text) return true;
    auto const prefix = ip_prefix::parse(*text);
    if (prefix) out = *prefix;
    return static_cast<bool>(prefix);
}

checked<std::optional<probe_status>> parse_status(http::request const& request)
{
    auto const number = request.find("status");
    auto const name = request.find("status_name");
    if (!number && !name) return std::optional<probe_status>();
    for (int i = 0; i <= static_cast<int>(probe_status::written_off); ++i) {
        auto const status = static_cast<probe_status>(i);
        if (number ? *number == std::to_string(i) : *name == name_of(status)) return std::optional(status);
    }
    return bad_parameter(number ? "status" : "status_name", "This is not a valid choice.");
}

/// A problem with the network filters, or none.
std::optional<problem> read_network(http::request const& request, store::probe_filter& out)
{
    constexpr auto asn_wanted = "An AS number is required.";
    if (!read_number(request, "asn", out.asn)) return bad_parameter("asn", asn_wanted);
    constexpr auto prefix_wanted = "A prefix in CIDR notation is required.";
    if (!read_prefix(request, "prefix", out.prefix)) return bad_parameter("prefix", prefix_wanted);
    if (!read_prefix(request, "prefix_v4", out.prefix_v4)) return bad_parameter("prefix_v4", prefix_wanted);
    if (!read_prefix(request, "prefix_v6", out.prefix_v6)) return bad_parameter("prefix_v6", prefix_wanted);
    return std::nullopt;
}

/// All that have ever run show one number, the others 0. False: no number.
bool read_firmware(http::request const& request, store::probe_filter& out)
{
    std::optional<int> wanted;
    if (!read_number(request, "firmware_version", wanted)) return false;
    if (!wanted) return true;
    out.where.push_back({column::has_run, store::comparison::equal, *wanted == shown_firmware});
    if (*wanted != shown_firmware && *wanted != 0)
        out.where.push_back({column::id, store::comparison::less, std::int64_t{0}});
    return true;
}

/// "52.37,4.89:15". False: something else.
bool read_circle(http::request const& request, store::probe_filter& out)
{
    auto const given = request.find("radius");
    if (!given) return true;
    std::string_view text = *given;
    auto const take = [&text](char until) -> std::optional<double> {
        double value = 0;
        auto const end = std::min(text.find(until), text.size());
        auto const [last, error] = std::from_chars(text.data(), text.data() + end, value);
        bool const whole = error == std::errc{} && last == text.data() + end && std::isfinite(value);
        text.remove_prefix(std::min(end + 1, text.size()));
        return whole ? std::optional(value) : std::nullopt;
    };
    auto const latitude = take(','), longitude = take(':'), radius = take('\0');
    if (!latitude || !longitude || !radius || *radius < 0) return false;
    if (std::abs(*latitude) > 90 || std::abs(*longitude) > 180) return false;
    out.near = store::circle{*latitude, *longitude, *radius};
    return true;
}

}  // namespace

checked<store::probe_filter> parse_probe_filter(http::request const& request)
{
    store::probe_filter out;
    auto conditions = read_conditions(request, table);
    if (!conditions) return conditions.error();
    out.where = std::move(*conditions);
    if (!read_firmware(request, out)) return bad_parameter("firmware_version", "A valid integer is required.");
    if (!read_circle(request, out))
        return bad_parameter("radius", "\"LATITUDE,LONGITUDE:KILOMETRES\" is required, in degrees.");
    for (auto const* name : {"id", "id__in"}) {
        auto const ids = parse_ids(request.find(name).value_or(""), most_ids);
        if (!ids) return bad_parameter(name, "A list of at most " + std::to_string(most_ids) + " numbers is required.");
        out.ids.insert(out.ids.end(), ids->begin(), ids->end());
    }
    out.country = request.find("country_code").value_or("");
    out.countries = split_list(request.find("country_code__in").value_or(""));
    if (auto wrong = read_network(request, out)) return *wrong;
    auto const status = parse_status(request);
    if (!status) return status.error();
    out.status = *status;
    if (auto const trust = request.find("trust")) {
        out.trust = store::trust_state_named(*trust);
        if (!out.trust) return bad_parameter("trust", "This is not a valid choice.");
    }
    out.tags_include = split_list(request.find("tags").value_or(""));
    out.newest_first = request.find("sort") == "-id";
    return out;
}

}  // namespace tp::api
