#include "api/measurements/object.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/json_fields.hpp"
#include "api/measurements/types/types.hpp"
#include "proto/kind_names.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
using status = store::measurement_status;

constexpr std::array statuses{
    std::pair{status::specified, std::string_view("Specified")},
    std::pair{status::scheduled, std::string_view("Scheduled")},
    std::pair{status::ongoing, std::string_view("Ongoing")},
    std::pair{status::stopped, std::string_view("Stopped")},
    std::pair{status::forced_to_stop, std::string_view("Forced to stop")},
    std::pair{status::no_suitable_probes, std::string_view("No suitable probes")},
    std::pair{status::failed, std::string_view("Failed")},
    std::pair{status::archived, std::string_view("Archived")},
};

void add_target(json::object& out, proto::job const& job)
{
    out["target"] = job.target.empty() ? json::value(nullptr) : json::value(job.target);
    out["target_ip"] = job.address ? json::value(job.address->to_string()) : json::value(nullptr);
    out["resolved_ips"] = job.address ? json::array{job.address->to_string()} : json::array{};
    out["target_asn"] = nullptr;
    out["target_prefix"] = nullptr;
    out["resolve_on_probe"] = !job.target.empty() && !job.address;
}

void add_times(json::object& out, store::measurement_record const& record)
{
    auto const& when = record.job.when;
    bool const one_off = !when.interval;
    out["creation_time"] = to_unix_seconds(record.created);
    out["start_time"] = to_unix_seconds(when.start);
    out["stop_time"] = record.stops ? json::value(to_unix_seconds(*record.stops)) : json::value(nullptr);
    out["is_oneoff"] = one_off;
    out["interval"] = one_off ? json::value(nullptr) : json::value(when.interval->count());
    out["spread"] = one_off ? json::value(nullptr) : json::value(when.spread.count());
    out["status"] = json::object{{"id", static_cast<int>(record.status)},
                                 {"name", name_of(record.status)},
                                 {"when", to_unix_seconds(record.status_since)}};
    // Not of Atlas: its target's holder asked not to be measured, and probes were told to stop.
    if (record.paused_by) out["paused_by_abuse_case"] = record.paused_by->value();
}

void add_participation(json::object& out, store::measurement_record const& record)
{
    auto const requested = record.probes_requested == 0 ? -1 : static_cast<std::int64_t>(record.probes_requested);
    out["probes_requested"] = requested;  // -1: all
    out["probes_scheduled"] = record.participants;
    out["participant_count"] = record.participants;
    out["is_all_scheduled"] = requested >= 0 && record.participants >= record.probes_requested;
    auto const a_day = record.job.when.interval ? 86'400 / record.job.when.interval->count() : 0;
    out["estimated_results_per_day"] = a_day * record.participants;
    out["credits_per_result"] = 0;  // this platform has no credits
    out["in_wifi_group"] = false;
}

}  // namespace

std::string_view name_of(status wanted) noexcept
{
    auto const found =
        std::find_if(statuses.begin(), statuses.end(), [&](auto const& each) { return each.first == wanted; });
    return found == statuses.end() ? "Failed" : found->second;
}

std::optional<status> status_named(std::string_view text)
{
    auto const found = std::find_if(statuses.begin(), statuses.end(), [&](auto const& each) {
        return same_word(text, each.second) || text == std::to_string(static_cast<int>(each.first));
    });
    if (found == statuses.end()) return std::nullopt;
    return found->first;
}

json::object measurement_object(store::measurement_record const& record, std::string const& base)
{
    auto const url = base + "api/v2/measurements/" + record.id.text() + '/';
    auto const kind = proto::kind_of(record.job.options);
    json::object out{{"id", record.id.value()},
                     {"type", proto::names_of(kind).type},
                     {"af", static_cast<int>(record.job.af)},
                     {"description", record.description},
                     {"is_public", record.is_public},
                     {"result", url + "results/"}};
    add_target(out, record.job);
    add_times(out, record);
    add_participation(out, record);
    out["group_id"] = record.group ? json::value(record.group->value()) : json::value(nullptr);
    out["group"] = nullptr;  // groups have no page of their own
    out["tags"] = json::array(record.tags.begin(), record.tags.end());
    type_of(kind).show(out, record.job.options);
    return out;
}

json::array probe_links(std::vector<probe_id> const& probes, std::string const& base)
{
    json::array out;
    for (auto const probe : probes) {
        out.push_back(json::object{{"id", probe.value()}, {"url", base + "api/v2/probes/" + probe.text() + '/'}});
    }
    return out;
}

std::string_view type_in_path(http::request const& request)
{
    std::string_view path = request.path;
    if (path.ends_with('/')) path.remove_suffix(1);
    auto const kind = proto::kind_of_type(path.substr(path.rfind('/') + 1));
    return kind ? proto::names_of(*kind).type : std::string_view{};
}

result_context context_of(store::measurement_record const& record)
{
    return {record.group.value_or(record.id).value(), record.job.when.interval};
}

}  // namespace tp::api
