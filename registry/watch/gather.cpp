#include "registry/watch/gather.hpp"

#include <algorithm>

#include "proto/version_report.hpp"

namespace tp::registry {
namespace {

using detect::millis;
using detect::probe_hour;
using std::chrono::seconds;

constexpr seconds longest_run{60};  // from a result's timestamp until it is stored, when all is well
constexpr millis reading_uncertain{500.0F};
constexpr std::string_view malformed_reason = "malformed frame";  // controller/conversation.cpp

detect::country_code country_in(std::string const& text)
{
    auto const parsed = detect::country_code::parse(text);
    return parsed ? *parsed : detect::country_code();
}

detect::as_number as_in(std::optional<std::uint32_t> const& number)
{
    return static_cast<detect::as_number>(number.value_or(0));
}

/// Its part of the span, as a part of an hour.
seconds share_of_hour(store::seen_session const& session, store::time_span span)
{
    auto const begin = std::max(session.opened, span.from);
    auto const end = std::min(session.closed.value_or(span.to), span.to);
    if (end <= begin) return seconds{0};
    auto const share = std::chrono::duration<double>(end - begin) / std::chrono::duration<double>(span.to - span.from);
    return std::chrono::round<seconds>(share * std::chrono::hours{1});
}

void add_session(probe_hour& into, store::seen_session const& session, store::time_span span)
{
    into.connected = std::min<seconds>(into.connected + share_of_hour(session, span), std::chrono::hours{1});
    into.controller = session.controller;
    into.as = as_in(session.asn);
    into.country = country_in(session.country);
    if (session.opened >= span.from && session.boot_count && into.logins.size() < probe_hour::most_logins) {
        into.logins.push_back(
            {session.opened, session.address, into.as, into.country, *session.boot_count, std::nullopt});
    }
    if (!session.closed || *session.closed >= span.to) return;
    into.disconnects += session.by_platform ? 0 : 1;
    into.malformed_frames += session.reason.starts_with(malformed_reason) ? 1 : 0;
}

/// The session of the same key that a login pushed aside, if that still answered.
void add_rival(probe_hour& into, store::seen_session const& session, store::seen_session const& before)
{
    if (!before.still_answered || into.logins.empty() || into.logins.back().at != session.opened) return;
    into.logins.back().displaced = detect::rival{before.address, as_in(before.asn), true};
}

detect::sha256 digest_of(std::string const& octets)
{
    detect::sha256 out{};
    std::copy_n(octets.begin(), std::min(octets.size(), out.size()), out.begin());
    return out;
}

/// Controllers take only reports that the probe's key signed, and there is no question that one could fail to answer.
detect::firmware_report report_of(store::seen_program const& seen)
{
    bool const signed_once = proto::came_from_repository(seen.target);
    return {.at = seen.at,
            .release = seen.release,
            .digest = digest_of(seen.sha256),
            .signature_valid = true,
            .nonce_fresh = true,
            .model = seen.model,
            .from_repository = signed_once,
            .settled = signed_once && seen.committed && seen.failed_release <= seen.release};
}

template <class Row>
probe_hour* hour_for(probe_hours& all, Row const& row)
{
    auto const found = all.find(row.probe);
    return found == all.end() ? nullptr : &found->second;
}

}  // namespace

detect::clock_reading clock_from(std::chrono::microseconds soonest) noexcept
{
    using std::chrono::duration_cast;
    detect::clock_reading out{.offset = millis(0), .uncertainty = reading_uncertain, .synchronised = false};
    if (soonest < std::chrono::microseconds{0}) out.offset = -duration_cast<millis>(soonest);
    if (soonest > longest_run) out.offset = -duration_cast<millis>(soonest - longest_run);
    return out;
}

std::uint32_t expected_of(std::uint32_t arrived, store::planned_runs const& planned) noexcept
{
    return std::clamp(arrived, planned.least, std::max(planned.least, planned.most));
}

probe_hours hours_of(detect::hour_time hour, store::time_span span, round_rows const& seen)
{
    probe_hours out;
    store::seen_session const* before = nullptr;
    for (auto const& each : seen.sessions) {
        auto& into = out[each.probe];
        into.hour = hour;
        add_session(into, each, span);
        if (before != nullptr && before->probe == each.probe) add_rival(into, each, *before);
        before = &each;
    }
    for (auto const& each : seen.deliveries) {
        auto* const into = hour_for(out, each);
        if (into == nullptr) continue;
        into->deliveries.arrived = each.arrived;
        into->deliveries.octets = each.octets;
        into->deliveries.sequence_conflicts = each.conflicts;
        into->clock = clock_from(each.soonest);
    }
    for (auto const& each : seen.refusals) {
        auto* const into = hour_for(out, each);
        if (into == nullptr) continue;
        into->deliveries.not_its_own = each.foreign;
        into->malformed_frames += each.unreadable;
    }
    for (auto const& each : seen.runs) {
        auto* const into = hour_for(out, each);
        if (into != nullptr) into->deliveries.expected = expected_of(into->deliveries.arrived, each);
    }
    for (auto const& each : seen.programs) {
        auto* const into = hour_for(out, each);
        if (into != nullptr) into->reports.push_back(report_of(each));
    }
    return out;
}

detect::firmware_catalogue catalogue_of(store::signed_list const& list)
{
    detect::firmware_catalogue out;
    if (!list.complete) return out;
    out.images.reserve(list.all.size());
    for (auto const& each : list.all) out.images.push_back({each.release, digest_of(each.sha256), each.model});
    return out;
}

}  // namespace tp::registry
