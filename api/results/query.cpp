#include "api/results/query.hpp"

#include <charconv>

#include "api/measurements/sources.hpp"
#include "api/parameters.hpp"
#include "api/times.hpp"

namespace tp::api {
namespace {

constexpr std::uint32_t most_versions = 10, most_days = 16'384, usual_days = 7;

/// A flag with either spelling of its name. The problem names the one that was used.
checked<bool> either_flag(http::request const& request, char const* name, char const* other)
{
    auto const first = read_flag(request, name);
    if (!first) return first.error();
    auto const second = read_flag(request, other);
    if (!second) return second.error();
    return first->value_or(false) || second->value_or(false);
}

/// Which probes' results are wanted. The problem, or none.
std::optional<problem> read_probes(http::request const& request, store::result_query& out)
{
    auto const anchors = either_flag(request, "anchors-only", "anchors_only");
    if (!anchors) return anchors.error();
    auto const open = either_flag(request, "public-only", "public_only");
    if (!open) return open.error();
    out.anchors_only = *anchors;
    out.public_only = *open;
    auto ids = parse_ids(request.find("probe_ids").value_or(""), most_result_probes);
    if (!ids) {
        return bad_parameter("probe_ids", "Numbers and ranges such as \"1,2,5-9\" are required, at most " +
                                              std::to_string(most_result_probes) + " probes in all.");
    }
    out.probes = std::move(*ids);
    return std::nullopt;
}

/// Reads the parameters that both requests have.
checked<result_request> common(http::request const& request, measurement_id measurement)
{
    result_request out{{.measurement = measurement}, false};
    auto const format = request.find("format").value_or("json");
    if (format != "json" && format != "txt") return bad_parameter("format", "Must be \"json\" or \"txt\".");
    out.lines = format == "txt";
    auto const flagged = read_flag(request, "include_flagged");
    if (!flagged) return flagged.error();
    out.query.flagged = flagged->value_or(false);
    if (auto wrong = read_probes(request, out.query)) return *wrong;
    return out;
}

checked<std::optional<wall_time>> time_parameter(http::request const& request, char const* name)
{
    auto const text = request.find(name);
    if (!text) return std::optional<wall_time>();
    auto const at = parse_time(*text);
    if (!at) return bad_parameter(name, "Not a valid time: use unix seconds or ISO 8601.");
    return std::optional<wall_time>(*at);
}

checked<std::uint32_t> count_parameter(http::request const& request, char const* name, std::uint32_t otherwise,
                                       std::uint32_t least, std::uint32_t most)
{
    auto const text = request.find(name);
    if (!text) return otherwise;
    std::uint32_t value = 0;
    auto const* const last = text->data() + text->size();
    auto const [end, error] = std::from_chars(text->data(), last, value);
    if (error == std::errc{} && end == last && value >= least && value <= most) return value;
    return bad_parameter(
        name, "A whole number from " + std::to_string(least) + " to " + std::to_string(most) + " is required.");
}

}  // namespace

checked<result_request> parse_results_request(http::request const& request, measurement_id measurement)
{
    auto out = common(request, measurement);
    if (!out) return out;
    auto const start = time_parameter(request, "start");
    if (!start) return start.error();
    auto const stop = time_parameter(request, "stop");
    if (!stop) return stop.error();
    out->query.start = *start;
    out->query.stop = *stop;
    return out;
}

checked<result_request> parse_latest_request(http::request const& request, measurement_id measurement, wall_time now)
{
    auto out = common(request, measurement);
    if (!out) return out;
    auto const versions = count_parameter(request, "versions", 1, 1, most_versions);
    if (!versions) return versions.error();
    out->query.versions = *versions;
    auto const usual = out->query.probes.empty() ? usual_days : 0;
    auto const days = count_parameter(request, "lookback_days", usual, 0, most_days);
    if (!days) return days.error();
    if (*days > 0) out->query.start = now - std::chrono::hours(24) * *days;
    return out;
}

}  // namespace tp::api
