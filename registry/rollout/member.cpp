#include "registry/rollout/member.hpp"

#include <algorithm>
#include <array>

#include "proto/update_words.hpp"
#include "proto/version_report.hpp"

namespace tp::registry::rollout {
namespace {

constexpr std::array<std::string_view, std::size(every_stage)> names{"planned", "sent",   "begun",   "back",     "done",
                                                                     "failed",  "silent", "excused", "withdrawn"};

void move(member& one, stage to, wall_time now) noexcept
{
    if (one.is == to) return;
    one.is = to;
    one.since = now;
}

constexpr unsigned on_trial = 1, committed = 2;  // standings of a slot
constexpr unsigned succeeded = 1;                // object 5's result; 0 is "initial", and all others are failures

/// It could not install for want of what the platform was to bring, and goes on trying: time decides what becomes of
/// it.
bool is_held_up(report const& said, target const& wanted)
{
    return said.failed_release == wanted.release && proto::version_report::failure::passes(said.cause);
}

/// Where its report puts it; none if it says nothing of this release.
std::optional<stage> said_stage(member const& one, target const& wanted)
{
    if (!one.said) return std::nullopt;
    auto const& said = *one.said;
    if (said.release == wanted.release) {
        return said.standing == committed ? stage::done : said.standing == on_trial ? stage::back : stage::failed;
    }
    if (said.release > wanted.release) return stage::excused;
    bool const held_up = is_held_up(said, wanted);
    if (said.failed_release == wanted.release && !held_up) return stage::failed;
    if (one.nonce.empty() || said.nonce != one.nonce) return std::nullopt;
    if (said.state != 0 || held_up) return stage::begun;
    if (said.result > succeeded) return stage::failed;
    return std::nullopt;
}

/// In the words of object 5 where the probe gives none of its own.
std::string cause_in(report const& said)
{
    if (!said.cause.empty()) return said.cause;
    return "update result " + std::to_string(said.result) + ": " + std::string(proto::name_of_result(said.result));
}

/// What its report, and no clock, tells.
void hear(member& one, target const& wanted, wall_time now)
{
    auto const to = said_stage(one, wanted);
    if (!to) return;
    // Withdrawn while it fetched: it stays so until it says what came of it.
    if (one.is == stage::withdrawn && *to == stage::begun) return;
    // What was heard before it fell silent does not end its silence.
    if (one.is == stage::silent && (*to == stage::begun || *to == stage::back) && !one.connected) return;
    if (*to == stage::failed) one.cause = cause_in(*one.said);
    move(one, *to, now);
}

void miss(member& one, definition const& what, wall_time now)
{
    bool const under_way = one.is == stage::begun || one.is == stage::back;
    auto const quiet_since = std::max(one.since, one.status_since);
    if (under_way && !one.connected && now - quiet_since > what.back_within) {
        one.cause = "not back in time";
        move(one, stage::silent, now);
    }
    bool const fetches_for_ever = one.is == stage::begun && now - one.since > what.deadline + what.back_within;
    if (fetches_for_ever) {
        one.cause = "not through in time";
        move(one, stage::silent, now);
    }
    // It was there, and did not begin: its host does not want it to, or it cannot. An absent one may still come.
    auto const last_moment = what.deadline + what.back_within;
    if (one.is == stage::sent && one.connected && now - std::max(one.since, one.status_since) > last_moment)
        move(one, stage::excused, now);
}

}  // namespace

std::string_view name_of(stage is) noexcept
{
    return names[static_cast<std::size_t>(is)];
}

std::optional<stage> stage_named(std::string_view name) noexcept
{
    for (auto const each : every_stage) {
        if (name == name_of(each)) return each;
    }
    return std::nullopt;
}

void take_back(member& one, wall_time now) noexcept
{
    bool const has_ended = one.is == stage::failed || one.is == stage::silent || one.is == stage::excused;
    if (!has_ended) return move(one, stage::withdrawn, now);
    one.expires = std::min(one.expires, now);
}

member looked_at(member one, target const& wanted, definition const& what, wall_time now)
{
    if (one.is == stage::done || one.is == stage::failed) return one;
    hear(one, wanted, now);
    miss(one, what, now);
    return one;
}

}  // namespace tp::registry::rollout
