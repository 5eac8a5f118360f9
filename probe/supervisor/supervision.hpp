#pragma once

#include <chrono>
#include <optional>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "probe/firmware/cause.hpp"

namespace tp::supervisor {

/// When the program is started, told something, ended and given up. It is told what happened and says what to do next;
/// it has no clock of its own.
class supervision {
public:
    struct options {
        std::chrono::seconds commit_within = std::chrono::hours{1};       // of a start on trial
        std::chrono::seconds stop_grace{20};                              // between asking and killing
        std::chrono::seconds well_after = std::chrono::minutes{10};       // so long a run is no failure
        std::chrono::milliseconds first_pause = std::chrono::seconds{1};  // between two starts; doubles
        std::chrono::milliseconds longest_pause = std::chrono::minutes{5};
        std::chrono::seconds look_again = std::chrono::minutes{1};  // when it cannot be told whether it is committed
    };
    enum class action {
        start,    // then started() or not_started()
        look,     // whether what runs is committed: then looked()
        signal,   // tell the program
        kill,     // end the program
        give_up,  // what was on trial
        wait,     // until a time or until something happens
        leave,    // with an exit status
    };
    struct step {
        action is = action::wait;
        std::optional<steady_time> until;             // wait: none: for ever
        int number = 0;                               // signal: which; leave: the exit status
        firmware::cause why = firmware::cause::none;  // give_up
    };

    supervision(options const& with, std::uint64_t seed)
        : options_(with), pause_(with.first_pause, with.longest_pause, seed)
    {
    }

    step next(steady_time now);

    void started(steady_time now, bool trial);
    /// Nothing runs. @param why  a trial is over for that; none: there was nothing to start, or it could not be started
    /// now: as many tries as a trial has, it may go well yet.
    void not_started(steady_time now, firmware::cause why);
    void ended(steady_time now, int exit_status);
    /// @param committed  none: the disk does not say.
    void looked(steady_time now, std::optional<bool> committed);
    /// Somebody wants all of this to end, by this signal.
    void asked_to_stop(steady_time now, int signal);

private:
    step next_of_running(steady_time now);
    void end_program(steady_time now, int signal);
    void rest(steady_time now);

    options options_;
    backoff pause_;
    bool running_ = false, stopping_ = false;
    steady_time until_{};  // of the pause
    steady_time since_{};  // the program runs
    std::optional<steady_time> commit_by_, kill_at_;
    std::optional<int> to_tell_;  // a signal
    firmware::cause to_give_up_ = firmware::cause::none;
    bool went_on_ = false;  // the last start came without a pause
    int exit_status_ = 0;
};

}  // namespace tp::supervisor
