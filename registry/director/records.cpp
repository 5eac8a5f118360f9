#include "registry/director/records.hpp"

namespace tp::registry {
namespace {

using rollout::phase;

constexpr std::string_view lazy = "lazy", forced = "forced";

rollout::target target_from(store::rollout_target const& from)
{
    return {from.model, from.path, from.length, from.sha256, from.release};
}

std::string said_of_wave(std::uint32_t wave, rollout::waves const& reach)
{
    return "wave " + std::to_string(wave + 1) + " of " + std::to_string(reach.size()) + " (" +
           rollout::text_of(wave < reach.size() ? reach[wave] : rollout::whole) + ')';
}

}  // namespace

result<rollout::definition> definition_from(store::rollout_record const& record)
{
    auto const& wanted = record.wanted;
    auto const reach = rollout::parse_waves(wanted.waves);
    auto const limits = rollout::limits_from(wanted.limits);
    if (!reach || !limits || (wanted.mode != lazy && wanted.mode != forced)) return errc::malformed;
    rollout::definition out;
    for (auto const& each : record.targets) out.targets.push_back(target_from(each));
    out.how = wanted.mode == forced ? rollout::mode::forced : rollout::mode::lazy;
    out.reach = *reach;
    out.lab_tag = wanted.lab_tag;
    out.soak = wanted.soak;
    out.back_within = wanted.back_within;
    out.deadline = wanted.deadline;
    out.halt_at = *limits;
    out.seed = static_cast<std::uint64_t>(wanted.seed);
    if (!rollout::complaint_about(out).empty()) return errc::malformed;
    return out;
}

store::rollout_wish record_of(rollout::definition const& from, std::string reason)
{
    return {.mode = std::string(from.how == rollout::mode::forced ? forced : lazy),
            .waves = rollout::text_of(from.reach),
            .lab_tag = from.lab_tag,
            .soak = from.soak,
            .back_within = from.back_within,
            .deadline = from.deadline,
            .limits = rollout::numbers_of(from.halt_at),
            .seed = static_cast<std::int64_t>(from.seed),
            .reason = std::move(reason)};
}

result<rollout::progress> progress_from(store::rollout_progress const& from)
{
    auto const now = rollout::phase_named(from.phase);
    if (!now) return errc::malformed;
    return rollout::progress{*now, from.wave, from.since, from.wave_since, from.because};
}

store::rollout_progress record_of(rollout::progress const& from)
{
    return {std::string(rollout::name_of(from.now)), from.wave, from.since, from.wave_since, from.because};
}

rollout::wish wish_from(std::string const& text) noexcept
{
    return text == "halt" ? rollout::wish::halt : text == "pause" ? rollout::wish::pause : rollout::wish::go;
}

result<rollout::member> member_from(store::rollout_member const& from)
{
    auto const is = rollout::stage_named(from.stage);
    if (!is) return errc::malformed;
    rollout::member out{.probe = from.probe, .model = from.model, .country = from.country, .asn = from.asn};
    out.wave = from.wave;
    out.is = *is;
    out.since = from.since;
    out.nonce = from.nonce;
    out.expires = from.expires;
    out.cause = from.cause;
    out.told_by_other = from.told_by_other;
    out.connected = from.connected;
    out.status_since = from.status_since;
    if (!from.said) return out;
    auto const& says = from.said->says;
    out.said = rollout::report{.model = says.model,
                               .release = says.release,
                               .standing = says.standing,
                               .state = says.update_state,
                               .result = says.update_result,
                               .failed_release = says.failed_release,
                               .cause = says.cause,
                               .nonce = says.instruction,
                               .at = from.said->at};
    return out;
}

store::member_change change_of(rollout::member const& from)
{
    return {from.probe, std::string(rollout::name_of(from.is)), from.since, from.nonce, from.expires, from.cause};
}

std::string words_for(rollout::progress const& before, rollout::progress const& after, rollout::waves const& reach)
{
    if (before.now == after.now && before.wave == after.wave) return {};
    auto const because = after.because.empty() ? std::string() : ": " + after.because;
    switch (after.now) {
        case phase::draft:
            return {};
        case phase::waiting:
            return "its targets are in the signed repository; it waits for approval";
        case phase::running:
            return said_of_wave(after.wave, reach) + " begins";
        case phase::soaking:
            return said_of_wave(after.wave, reach) + " did well, and is watched";
        case phase::paused:
            return "paused" + because;
        case phase::halted:
            return "halted" + because;
        case phase::complete:
            return "complete";
    }
    return {};
}

}  // namespace tp::registry
