#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>

#include "api/json_fields.hpp"
#include "api/rollouts/endpoints.hpp"
#include "registry/director/records.hpp"
#include "registry/rollout/definition.hpp"
#include "store/probes.hpp"

namespace tp::api {
namespace {

namespace rollout = registry::rollout;
using std::chrono::seconds;

constexpr std::size_t longest_target = 256, longest_waves = 128, longest_reason = 1'000;  // octets
constexpr std::array modes{choice<rollout::mode>{"lazy", rollout::mode::lazy},
                           choice<rollout::mode>{"forced", rollout::mode::forced}};

void read_seconds(json_fields const& fields, std::string_view name, seconds& out)
{
    if (auto const value = fields.integer(name, 1, rollout::definition::longest.count())) out = seconds(*value);
}

/// A tag that hosts cannot give their probes: they would choose who judges a release.
void read_lab(json_fields const& fields, std::string& out)
{
    auto tag = fields.text("lab", rollout::definition::longest_tag);
    if (!tag) return;
    if (!store::is_lab_tag(*tag)) return fields.complain("lab", "Has to be lab, or to begin with lab-.");
    out = std::move(*tag);
}

/// Per cent, as a number or as text ("2.5"), to shares.
void read_share(json_fields const& fields, std::string_view name, rollout::share& out)
{
    auto const* const value = fields.find(name);
    if (value == nullptr) return;
    double part = -1;
    if (auto const* const real = value->if_double()) part = *real;
    if (auto const whole = integer_of(*value)) part = static_cast<double>(*whole);
    constexpr double most = 100, to_share = 100;
    auto const share = std::round(part * to_share);
    if (part < 0 || part > most || share < 1) return fields.complain(name, "Has to be from 0.01 to 100 per cent.");
    out = static_cast<rollout::share>(share);
}

void read_limits(json_fields const& fields, rollout::limits& out)
{
    constexpr std::int64_t most = 1'000'000;
    read_share(fields, "failed", out.failed);
    read_share(fields, "silent", out.silent);
    read_share(fields, "success", out.success);
    read_share(fields, "rate_lost", out.rate_lost);
    read_share(fields, "round_trip", out.round_trip);
    fields.read("few_failed", 0, most, out.few_failed);
    fields.read("few_silent", 0, most, out.few_silent);
}

void read_waves(json_fields const& fields, rollout::waves& out)
{
    auto const text = fields.text("waves", longest_waves);
    if (!text) return;
    auto const read = rollout::parse_waves(*text);
    if (!read)
        fields.complain("waves", "Has to be rising shares that end with 100%, like lab,1%,5%,25%,100%.");
    else
        out = *read;
}

std::vector<std::string> read_targets(json_fields const& fields)
{
    auto out = fields.texts("targets", rollout::definition::most_targets, longest_target);
    if (out.empty() && fields.find("targets") == nullptr) fields.missing("targets");
    return out;
}

}  // namespace

checked<rollout_request> parse_rollout_request(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    auto how = rollout::mode::lazy;
    fields.read("mode", modes, how);
    auto what = rollout::usual(how);
    rollout_request out;
    out.targets = read_targets(fields);
    for (auto const& each : out.targets) what.targets.push_back({.model = {}, .path = each, .sha256 = {}});
    read_waves(fields, what.reach);
    read_lab(fields, what.lab_tag);
    read_seconds(fields, "soak", what.soak);
    read_seconds(fields, "back_within", what.back_within);
    read_seconds(fields, "deadline", what.deadline);
    read_limits(fields, what.halt_at);
    if (auto const seed = fields.integer("seed", 0, INT64_MAX)) what.seed = static_cast<std::uint64_t>(*seed);
    auto reason = fields.text("reason", longest_reason).value_or("");
    if (reason.empty() && faults.empty()) fields.missing("reason");
    auto const wrong = rollout::complaint_about(what);
    if (faults.empty() && !wrong.empty())
        fields.complain("targets", "The rollout cannot be carried out: " + wrong + '.');
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    out.wanted = registry::record_of(what, std::move(reason));
    return out;
}

checked<std::string> parse_steering(std::string const& body, bool needs_reason)
{
    if (body.empty() && !needs_reason) return std::string();
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    auto reason = fields.text("reason", longest_reason).value_or("");
    if (reason.empty() && needs_reason && faults.empty()) fields.missing("reason");
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return reason;
}

}  // namespace tp::api
