#include "registry/watch/pings.hpp"

#include <algorithm>
#include <cctype>

#include "proto/report.hpp"

namespace tp::registry {
namespace {

using detect::millis;

constexpr std::chrono::seconds synchronised_within{std::chrono::hours{2}};  // it heard from a time server so lately

std::string lower(std::string text)
{
    for (auto& each : text) each = static_cast<char>(std::tolower(static_cast<unsigned char>(each)));
    return text;
}

bool is_at(store::anchor_site const& anchor, proto::job const& job)
{
    if (lower(job.target) == anchor.name) return true;
    auto const address = job.address ? job.address : [&]() -> std::optional<ip_address> {
        auto const parsed = parse_address(job.target);
        return parsed ? std::optional(*parsed) : std::nullopt;
    }();
    return address && std::find(anchor.addresses.begin(), anchor.addresses.end(), *address) != anchor.addresses.end();
}

detect::target_info target_of(proto::job const& job, store::anchor_site const& anchor, detect::coordinates place)
{
    bool const v6 = job.af == proto::family::v6;
    auto const as = v6 ? anchor.as_v6 : anchor.as_v4;
    return {.measurement = job.measurement,
            .family = v6 ? detect::family::v6 : detect::family::v4,
            .place = place,
            .as = static_cast<detect::as_number>(as.value_or(0)),
            .site = anchor.id.value()};
}

void add_packet(detect::target_hour& into, proto::ping_packet const& packet)
{
    bool const answered = packet.round_trip && packet.error.empty();
    into.packets.count(answered);
    if (!answered) return;
    auto const length = std::chrono::duration_cast<millis>(*packet.round_trip);
    if (into.packets.hits == 1 || length < into.least) into.least = length;
}

}  // namespace

std::vector<detect::target_info> targets_among(std::vector<proto::job> const& jobs,
                                               std::vector<store::anchor_site> const& anchors)
{
    std::vector<detect::target_info> out;
    for (auto const& job : jobs) {
        if (!std::holds_alternative<proto::ping_options>(job.options)) continue;
        auto const found =
            std::find_if(anchors.begin(), anchors.end(), [&](auto const& anchor) { return is_at(anchor, job); });
        if (found == anchors.end()) continue;
        auto const place = detect::coordinates::from(found->latitude, found->longitude);
        if (place) out.push_back(target_of(job, *found, *place));
    }
    return out;
}

void ping_hours::add(store::result_row const& row)
{
    auto const report = proto::decode_report(row.payload);
    if (!report) return;
    auto const* const found = std::get_if<proto::ping_report>(&report->found);
    if (found == nullptr || report->failed) return;
    auto& into = by_probe_.try_emplace(row.probe, seen{.pings = {.measurement = of_}}).first->second;
    for (auto const& each : found->packets) add_packet(into.pings, each);
    auto const since = report->since_clock_sync;
    into.synchronised = since >= std::chrono::seconds{0} && since <= synchronised_within;
}

void ping_hours::give_to(probe_hours& all) const
{
    for (auto const& [probe, each] : by_probe_) {
        auto const found = all.find(probe);
        if (found == all.end()) continue;
        auto& hour = found->second;
        if (hour.targets.size() < detect::probe_hour::most_targets) hour.targets.push_back(each.pings);
        if (hour.clock) hour.clock->synchronised = hour.clock->synchronised || each.synchronised;
    }
}

}  // namespace tp::registry
