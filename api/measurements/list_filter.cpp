#include "api/measurements/list_filter.hpp"

#include "api/json_fields.hpp"
#include "api/measurements/object.hpp"
#include "api/measurements/sources.hpp"
#include "api/parameters.hpp"

namespace tp::api {
namespace {

using column = store::measurement_column;
using store::comparison;

constexpr std::size_t most_ids = 1'000;

constexpr std::array<filter_row<column>, 15> table{{
    {"id", column::id, value_kind::number, forms::compared},
    {"af", column::af, value_kind::family, forms::plain},
    {"target", column::target, value_kind::text, forms::worded},
    {"target_ip", column::address, value_kind::address, forms::plain},
    {"target_asn", column::asn, value_kind::number, forms::plain},
    {"description", column::description, value_kind::text, forms::worded},
    {"search", column::searched, value_kind::text, forms::searched},
    {"tags", column::tags, value_kind::texts, forms::all_of},
    {"group_id", column::group, value_kind::number, forms::plain},
    {"group", column::group, value_kind::number, forms::plain},  // its old name
    {"start_time", column::start_time, value_kind::time, forms::ordered},
    {"stop_time", column::stop_time, value_kind::time, forms::ordered},
    {"interval", column::interval, value_kind::number, forms::ordered},
    {"is_oneoff", column::is_oneoff, value_kind::flag, forms::plain},
    {"is_public", column::is_public, value_kind::flag, forms::plain},
}};

constexpr std::array<choice<column>, 9> orders{{{"id", column::id},
                                                {"start_time", column::start_time},
                                                {"stop_time", column::stop_time},
                                                {"interval", column::interval},
                                                {"type", column::type},
                                                {"af", column::af},
                                                {"is_oneoff", column::is_oneoff},
                                                {"status.id", column::status},
                                                {"status.name", column::status_name}}};

std::string upper_case(std::string text)
{
    for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

checked<std::vector<store::measurement_status>> parse_statuses(http::request const& request)
{
    std::vector<store::measurement_status> out;
    for (auto const* name : {"status", "status__in"}) {
        for (auto const& word : split_list(request.find(name).value_or(""))) {
            auto const found = status_named(word);
            if (!found) return bad_parameter(name, '"' + word + "\" is not a valid choice.");
            out.push_back(*found);
        }
    }
    return out;
}

checked<std::vector<std::int32_t>> parse_numbers(http::request const& request, std::initializer_list<char const*> names)
{
    std::vector<std::int32_t> out;
    for (auto const* name : names) {
        auto const ids = parse_ids(request.find(name).value_or(""), most_ids);
        if (!ids) return bad_parameter(name, "A list of at most " + std::to_string(most_ids) + " numbers is required.");
        out.insert(out.end(), ids->begin(), ids->end());
    }
    return out;
}

/// The type, of the path before that of the query; and the protocol of the types that have one. With any other it would
/// find nothing, and Atlas ignores it.
void add_type(http::request const& request, store::measurement_filter& out)
{
    auto type = std::string(type_in_path(request));
    if (type.empty()) type = request.find("type").value_or("");
    if (type.empty()) return;
    auto const protocol = request.find("protocol");
    if (protocol && (type == "dns" || type == "traceroute"))
        out.where.push_back({column::protocol, comparison::equal, upper_case(std::string(*protocol))});
    out.where.push_back({column::type, comparison::equal, std::move(type)});
}

void read_order(http::request const& request, store::measurement_filter& out)
{
    auto wanted = request.find("sort").value_or("");
    bool const descending = wanted.starts_with('-');
    if (descending) wanted.remove_prefix(1);
    for (auto const& each : orders) {
        if (each.name != wanted) continue;
        out.sort = each.value;
        out.descending = descending;
    }
}

}  // namespace

checked<store::measurement_filter> parse_measurement_filter(http::request const& request)
{
    store::measurement_filter out;
    auto conditions = read_conditions(request, table);
    if (!conditions) return conditions.error();
    out.where = std::move(*conditions);
    auto statuses = parse_statuses(request);
    if (!statuses) return statuses.error();
    out.statuses = std::move(*statuses);
    auto ids = parse_numbers(request, {"id", "id__in"});
    if (!ids) return ids.error();
    out.ids = std::move(*ids);
    auto participants = parse_numbers(request, {"current_probes"});
    if (!participants) return participants.error();
    out.participants = std::move(*participants);
    add_type(request, out);
    read_order(request, out);
    return out;
}

}  // namespace tp::api
