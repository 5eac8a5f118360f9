#include "tests/bench/rollout_simulation/probe.hpp"

namespace tp::simulation {
namespace {

using firmware::slot;

seconds about(double length) noexcept
{
    return seconds(static_cast<std::int64_t>(length) + 1);
}

constexpr double hour = 3'600, day = 24 * hour;
constexpr unsigned idle = 0, downloading = 1, updating = 3;  // LwM2M, object 5, State
constexpr unsigned initial = 0, no_room = 2;                 // Update Result
constexpr double disk_is_full = 0.0003, power_cut = 0.002;   // of all updates

}  // namespace

updated_probe::updated_probe(probe_id id, std::uint64_t seed, flaw suits)
    : random_(seed, static_cast<std::uint64_t>(id.value())), suits_(suits), known_{.probe = id, .model = "sw-x86_64"}
{
    slots_.install(slot::a, old_release);
    slots_.commit(slot::a, old_release);
    // Most lines fail for a while every few days; some probes are switched off each night; a few are away for long.
    auto const kind = random_.unit();
    mean_up_ = kind < 0.90 ? 3 * day : kind < 0.96 ? 16 * hour : 2 * day;
    mean_down_ = kind < 0.90 ? 0.3 * hour : kind < 0.96 ? 8 * hour : 10 * day;
    line_up_ = random_.chance(mean_up_ / (mean_up_ + mean_down_));
    connected_ = line_up_;
    known_.connected = connected_;
    line_next_ = wall_time{} + about(random_.exponential(line_up_ ? mean_up_ : mean_down_));
    say({}, idle, initial);
}

void updated_probe::instruct(std::string nonce, std::optional<seconds> within, wall_time now)
{
    nonce_ = std::move(nonce);
    if (now_ != doing::nothing) return;
    now_ = doing::waiting;
    next_ = now + (within ? about(random_.between(0, static_cast<double>(within->count()))) : seconds(2));
}

void updated_probe::withdraw() noexcept
{
    if (now_ == doing::waiting || now_ == doing::fetching) now_ = doing::nothing;
}

void updated_probe::change_line(wall_time now)
{
    while (line_next_ <= now) {
        line_up_ = !line_up_;
        line_next_ += about(random_.exponential(line_up_ ? mean_up_ : mean_down_));
    }
}

void updated_probe::live(wall_time now, bool dark)
{
    dark_ = dark;
    change_line(now);
    for (int steps = 0; steps < 8 && now_ != doing::nothing && now_ != doing::failed && next_ <= now; ++steps)
        go_on(next_);
    if (here() != connected_) {
        connected_ = here();
        known_.connected = connected_;
        known_.status_since = now;
    }
    if (connected_ && unsaid_) {
        known_.said = pending_;
        known_.said->at = now;
        unsaid_ = false;
    }
}

void updated_probe::go_on(wall_time now)
{
    switch (now_) {
        case doing::waiting:
            if (!here()) return void(next_ = now + seconds(60));
            now_ = doing::fetching;
            next_ = now + about(random_.lognormal(60, 1));
            return say(now, downloading, initial);
        case doing::fetching:
            if (!here()) return void(next_ = now + seconds(60));  // it goes on where it was
            if (random_.chance(disk_is_full)) {
                now_ = doing::failed;
                return say(now, idle, no_room);
            }
            slots_.install(slot::b, new_release);
            now_ = doing::installing;
            next_ = now + seconds(5);
            return say(now, updating, initial);
        case doing::installing:
            trial_ends_ = now + trial_limit;
            return start(now);
        case doing::trying:
            return start(now);
        case doing::nothing:
        case doing::failed:
            break;
    }
}

/// The supervisor starts what the rules say; what is started lives as long as it suits.
void updated_probe::start(wall_time now)
{
    bool const gave_up = now >= trial_ends_;
    if (now_ == doing::trying && gave_up) slots_.fail(slot::b, firmware::cause::not_committed);
    bool const committing = now_ == doing::trying && !away_ && !gave_up && suits_ == flaw::none;
    if (committing && here()) {
        slots_.commit(slot::b, new_release);
        now_ = doing::nothing;
        return say(now, idle, 1);
    }
    if (committing) return void(next_ = now + seconds(60));  // no controller takes its report: it waits
    auto const plan = firmware::plan_start(slots_, {}, most_tries);
    slots_ = plan.state;
    if (!plan.trial) {
        now_ = doing::failed;
        away_ = false;
        return say(now, idle, 8);
    }
    now_ = doing::trying;
    bool const cut = random_.chance(power_cut);
    away_ = suits_ != flaw::none || cut;
    if (suits_ == flaw::ends || cut) return void(next_ = now + seconds(20));
    if (suits_ == flaw::stays_mute) return void(next_ = trial_ends_);
    next_ = now + commit_after;
    say(now, idle, initial);
}

void updated_probe::say(wall_time now, unsigned state, unsigned result)
{
    bool const on_trial = now_ == doing::trying;
    bool const committed = slots_.of(slot::b).is == firmware::standing::committed;
    pending_ = {.model = known_.model,
                .release = on_trial || committed ? new_release : old_release,
                .standing = on_trial ? 1U : 2U,
                .state = state,
                .result = result,
                .cause = {},
                .nonce = nonce_,
                .at = now};
    if (slots_.last_failure) {
        pending_.failed_release = slots_.last_failure->release;
        pending_.cause = firmware::name_of(slots_.last_failure->why);
    }
    unsaid_ = true;
}

void updated_probe::show(rollout::member& to) const
{
    to.connected = known_.connected;
    to.status_since = known_.status_since;
    to.said = known_.said;
}

bool updated_probe::runs_old() const noexcept
{
    auto const plan = firmware::plan_start(slots_, {}, most_tries);
    return plan.start && plan.state.of(*plan.start).release == old_release;
}

}  // namespace tp::simulation
