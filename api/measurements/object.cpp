#include "api/measurements/object.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "api/json_fields.hpp"
#include "api/measurements/sources.hpp"
#include "api/measurements/types/types.hpp"
#include "proto/kind_names.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
using status = store::measurement_status;

constexpr std::size_t most_ids = 1'000;     // in a filter
constexpr std::int64_t one_off_life = 600;  // seconds that a one-off counts as running

constexpr std::array statuses{
    std::pair{status::specified, std::string_view("Specified")},
    std::pair{status::scheduled, std::string_view("Scheduled")},
    std::pair{status::ongoing, std::string_view("Ongoing")},
    std::pair{status::stopped, std::string_view("Stopped")},
    std::pair{status::no_suitable_probes, std::string_view("No suitable probes")},
    std::pair{status::failed, std::string_view("Failed")},
};

std::string upper_case(std::string text)
{
    for (auto& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

json::value stop_time(store::measurement_record const& record)
{
    auto const& when = record.job.when;
    if (record.stopped) return to_unix_seconds(*record.stopped);
    if (when.stop) return to_unix_seconds(*when.stop);
    if (!when.interval) return to_unix_seconds(when.start) + one_off_life;
    return nullptr;
}

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
    out["stop_time"] = stop_time(record);
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

checked<std::vector<status>> parse_statuses(http::request const& request)
{
    std::vector<status> out;
    for (auto const* name : {"status", "status__in"}) {
        for (auto const& word : split_list(request.find(name).value_or(""))) {
            auto const found = status_named(word);
            if (!found) return bad_parameter(name, '"' + word + "\" is not a valid choice.");
            out.push_back(*found);
        }
    }
    return out;
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
    auto const* group = record.group ? &*record.group : nullptr;
    out["group_id"] = group == nullptr ? json::value(nullptr) : json::value(group->value());
    out["group"] = group == nullptr ? json::value(nullptr)
                                    : json::value(base + "api/v2/measurements/groups/" + group->text() + '/');
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

checked<store::measurement_filter> parse_measurement_filter(http::request const& request)
{
    store::measurement_filter out;
    auto const wanted = parse_statuses(request);
    if (!wanted) return wanted.error();
    out.statuses = *wanted;
    for (auto const* name : {"id", "id__in"}) {
        auto const ids = parse_ids(request.find(name).value_or(""), most_ids);
        if (!ids) return bad_parameter(name, "A list of at most " + std::to_string(most_ids) + " numbers is required.");
        out.ids.insert(out.ids.end(), ids->begin(), ids->end());
    }
    out.type = type_in_path(request);
    if (out.type.empty()) out.type = request.find("type").value_or("");
    // Of the types that have one; with any other it would find nothing, and Atlas ignores it.
    if (out.type == "dns" || out.type == "traceroute")
        out.protocol = upper_case(std::string(request.find("protocol").value_or("")));
    out.target = request.find("target").value_or("");
    out.search = request.find("search").value_or(request.find("target__contains").value_or(""));
    if (auto const af = request.find("af")) {
        if (af != "4" && af != "6") return bad_parameter("af", "Must be 4 or 6.");
        out.af = af == "4" ? 4 : 6;
    }
    auto const sort = request.find("sort").value_or("");
    out.newest_first = sort == "-id" || sort == "-start_time";
    return out;
}

result_context context_of(store::measurement_record const& record)
{
    return {record.group.value_or(record.id).value(), record.job.when.interval};
}

}  // namespace tp::api
