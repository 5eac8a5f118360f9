#include "registry/rollout/machine.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace tp::registry::rollout {
namespace {

constexpr std::array<std::string_view, std::size(every_phase)> names{"draft",  "waiting", "running", "soaking",
                                                                     "paused", "halted",  "complete"};

void enter(progress& at, phase next, std::string because, wall_time now)
{
    at.now = next;
    at.since = now;
    at.because = std::move(because);
}

void begin_wave(progress& at, std::uint32_t wave, wall_time now)
{
    enter(at, phase::running, {}, now);
    at.wave = wave;
    at.wave_since = now;
}

bool is_last(situation const& now, std::uint32_t wave)
{
    return wave + 1 >= now.what.reach.size();
}

bool is_empty(situation const& now, std::uint32_t wave)
{
    return std::none_of(now.members.begin(), now.members.end(), [&](auto const& one) { return one.wave == wave; });
}

/// A wave in which nobody is has nothing to show.
void pass_over_empty(situation const& now, progress& at, wall_time when)
{
    while (at.now == phase::running && !is_last(now, at.wave) && is_empty(now, at.wave))
        begin_wave(at, at.wave + 1, when);
}

/// Its instruction has not arrived or has run out, and it can still be told.
bool is_due(member const& one, progress const& at, wall_time now)
{
    if (one.wave > at.wave) return false;
    return one.is == stage::planned || (one.is == stage::sent && one.expires <= now);
}

/// May install by what it was told: one that failed tries again, and one that was given up may begin after all.
bool may_still_install(member const& one, wall_time now)
{
    if (one.told_by_other) return false;
    if (one.is == stage::sent || one.is == stage::begun) return true;
    bool const has_ended = one.is == stage::failed || one.is == stage::silent || one.is == stage::excused;
    return has_ended && one.expires > now;
}

/// Can be expected to say something yet.
bool is_awaited(member const& one)
{
    return one.is == stage::planned || one.is == stage::begun || (one.is == stage::sent && one.connected);
}

/// Expedited waves go on when probes are back; careful ones when they have committed.
bool is_through(member const& one, mode how)
{
    return one.is == stage::done || (how == mode::forced && one.is == stage::back);
}

struct wave_state {
    std::uint32_t probes = 0, planned = 0, awaited = 0, through = 0, ended = 0;
};

/// Of the waves up to this one, and the same of this one alone.
wave_state of_wave(situation const& now)
{
    wave_state out;
    for (auto const& one : now.members) {
        if (one.wave != now.at.wave) continue;
        ++out.probes;
        out.planned += one.is == stage::planned ? 1 : 0;
        bool const through = is_through(one, now.what.how);
        bool const on_trial = one.is == stage::back && !through;
        out.awaited += is_awaited(one) || on_trial ? 1 : 0;
        out.through += through ? 1 : 0;
        out.ended += through || one.is == stage::failed || one.is == stage::silent || one.is == stage::excused ? 1 : 0;
    }
    return out;
}

/// Nobody who could answer is still to be heard, and enough have answered; or time is up, and some have.
bool wave_has_ended(situation const& now, wall_time at)
{
    auto const seen = of_wave(now);
    if (seen.probes == 0 || seen.ended == seen.probes) return true;
    if (seen.through == 0) return false;
    // A wave is told in steps, and may have been paused between them: who was not told yet cannot be late.
    bool const late = seen.planned == 0 && at - now.at.wave_since > longest_wait(now.what);
    return late || (seen.awaited == 0 && seen.ended * 2 >= seen.probes);
}

std::string why_halted(situation const& now, tally const& seen, absences const& gone)
{
    if (now.wanted == wish::halt) return now.wished_because.empty() ? "by hand" : now.wished_because;
    auto why = reason_to_halt(seen, gone.usual(), now.what.halt_at);
    if (why.empty() && now.drifting) why = *now.drifting;
    return why;
}

void go_on(situation const& now, tally const& seen, progress& next, wall_time at)
{
    if (next.now == phase::running && wave_has_ended(now, at)) {
        auto const why = reason_to_stop_after(seen, now.what.halt_at);
        enter(next, why.empty() ? phase::soaking : phase::halted, why, at);
    }
    bool const soaked = at - next.since >= now.what.soak || is_empty(now, next.wave);
    if (next.now != phase::soaking || !soaked) return;
    if (is_last(now, next.wave))
        enter(next, phase::complete, {}, at);
    else
        begin_wave(next, next.wave + 1, at);
}

/// How a rollout comes to run at all, and stops for a while.
void obey(situation const& now, progress& next, wall_time at)
{
    if (next.now == phase::draft && now.found) enter(next, phase::waiting, {}, at);
    // Not while it is to pause: its members are drawn when it begins, and waves without any would be passed over.
    bool const may_begin = now.found && now.wanted == wish::go && now.approvals >= approvals_for(now.what);
    if (next.now == phase::waiting && may_begin) begin_wave(next, 0, at);
    bool const runs = next.now == phase::running || next.now == phase::soaking;
    if (runs && now.wanted == wish::pause) enter(next, phase::paused, now.wished_because, at);
    // The wave's end is looked for anew, and what it soaked counts again: it was not watched meanwhile.
    if (next.now == phase::paused && now.wanted == wish::go) enter(next, phase::running, {}, at);
}

bool may_tell(phase now) noexcept
{
    return now == phase::running || now == phase::complete;
}

std::uint32_t may_be_told(situation const& now, decision const& made)
{
    if (!may_tell(made.next.now)) return 0;
    // How large the first wave is, persons have chosen.
    bool const is_first = std::none_of(now.members.begin(), now.members.end(),
                                       [&](auto const& one) { return one.wave < made.next.wave; });
    bool const in_steps = made.next.now == phase::running && !is_first;
    return in_steps ? room(made.seen, now.members.size(), now.what.how) : std::numeric_limits<std::uint32_t>::max();
}

void collect(situation const& now, decision& out, wall_time at)
{
    auto left = may_be_told(now, out);
    for (std::size_t i = 0; i < now.members.size(); ++i) {
        auto const& one = now.members[i];
        if (left != 0 && is_due(one, out.next, at)) {
            out.instruct.push_back(i);
            --left;
        }
        if (out.next.now == phase::halted && may_still_install(one, at)) out.withdraw.push_back(i);
    }
}

}  // namespace

std::string_view name_of(phase now) noexcept
{
    return names[static_cast<std::size_t>(now)];
}

std::optional<phase> phase_named(std::string_view name) noexcept
{
    for (auto const each : every_phase) {
        if (name == name_of(each)) return each;
    }
    return std::nullopt;
}

decision decide(situation const& now, wall_time at)
{
    absences const gone(now.members, now.what, at);
    decision out{.next = now.at, .instruct = {}, .withdraw = {}, .seen = count(now.members, gone, now.what, at)};
    if (out.next.now != phase::halted) {
        auto why = why_halted(now, out.seen, gone);
        if (!why.empty()) {
            enter(out.next, phase::halted, std::move(why), at);
        } else {
            obey(now, out.next, at);
            if (out.next == now.at) go_on(now, out.seen, out.next, at);
            pass_over_empty(now, out.next, at);
        }
    }
    collect(now, out, at);
    return out;
}

}  // namespace tp::registry::rollout
