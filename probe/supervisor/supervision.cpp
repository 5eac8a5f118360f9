#include "probe/supervisor/supervision.hpp"

#include <csignal>
#include <utility>

#include "probe/firmware/handed_over.hpp"

namespace tp::supervisor {

supervision::step supervision::next(steady_time now)
{
    if (running_) return next_of_running(now);
    if (to_give_up_ != firmware::cause::none)
        return {.is = action::give_up, .why = std::exchange(to_give_up_, firmware::cause::none)};
    if (stopping_) return {.is = action::leave, .number = exit_status_};
    if (now < until_) return {.is = action::wait, .until = until_};
    return {.is = action::start};
}

supervision::step supervision::next_of_running(steady_time now)
{
    if (to_tell_) {
        auto const number = *std::exchange(to_tell_, std::nullopt);
        return {.is = action::signal, .number = number};
    }
    if (kill_at_ && now >= *kill_at_) {
        kill_at_.reset();
        return {.is = action::kill};
    }
    if (kill_at_) return {.is = action::wait, .until = kill_at_};
    if (commit_by_ && now >= *commit_by_) return {.is = action::look};
    return {.is = action::wait, .until = commit_by_};
}

void supervision::started(steady_time now, bool trial)
{
    running_ = true;
    since_ = now;
    kill_at_.reset();
    to_tell_.reset();
    commit_by_.reset();
    if (trial) commit_by_ = now + options_.commit_within;
}

void supervision::not_started(steady_time now, firmware::cause why)
{
    to_give_up_ = why;
    rest(now);
}

void supervision::rest(steady_time now)
{
    until_ = now + pause_.next();
}

void supervision::ended(steady_time now, int exit_status)
{
    running_ = false;
    exit_status_ = stopping_ ? exit_status : 0;
    bool const well = now - since_ >= options_.well_after;
    if (well) pause_.reset();
    // Another release lies in its slot. Not twice in a row: whatever ends so again and again is to rest, too.
    bool const at_once = exit_status == firmware::handed_over && (well || !went_on_);
    went_on_ = at_once;
    rest(now);
    if (at_once) until_ = now;
}

void supervision::looked(steady_time now, std::optional<bool> committed)
{
    commit_by_.reset();
    if (!committed) commit_by_ = now + options_.look_again;
    if (committed.value_or(true)) return;
    to_give_up_ = firmware::cause::not_committed;
    end_program(now, SIGTERM);
}

void supervision::asked_to_stop(steady_time now, int signal)
{
    if (std::exchange(stopping_, true) || !running_) return;
    end_program(now, signal);
}

void supervision::end_program(steady_time now, int signal)
{
    if (kill_at_) return;  // it was asked before
    commit_by_.reset();
    to_tell_ = signal;
    kill_at_ = now + options_.stop_grace;
}

}  // namespace tp::supervisor
