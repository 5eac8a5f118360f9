// When the program is started, stopped and given up: step by step, by a clock that only the test moves.
#include "probe/supervisor/supervision.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "probe/firmware/handed_over.hpp"

namespace tp::supervisor {
namespace {

using namespace std::chrono_literals;
using action = supervision::action;
using firmware::cause;

class supervision_test : public testing::Test {
protected:
    supervision::step next() { return machine_.next(now_); }
    /// Lets the pause pass, which must be no longer than this.
    void expect_start_within(std::chrono::nanoseconds limit)
    {
        auto const step = next();
        if (step.is == action::wait) {
            ASSERT_TRUE(step.until);
            EXPECT_LE(*step.until - now_, limit);
            now_ = *step.until;
        }
        EXPECT_EQ(next().is, action::start);
    }
    void run(bool trial)
    {
        expect_start_within(options_.longest_pause);
        machine_.started(now_, trial);
    }

    supervision::options options_;
    supervision machine_{options_, 1};
    steady_time now_{1h};
};

TEST_F(supervision_test, starts_at_once_and_waits_for_the_end)
{
    EXPECT_EQ(next().is, action::start);
    machine_.started(now_, false);
    auto const step = next();
    EXPECT_EQ(step.is, action::wait);
    EXPECT_FALSE(step.until) << "what was committed may run for ever";
}

TEST_F(supervision_test, rests_between_starts_and_longer_each_time_up_to_a_limit)
{
    auto longest = 0ns;
    for (int i = 0; i < 20; ++i) {
        run(false);
        machine_.ended(now_, 1);
        auto const step = next();
        ASSERT_EQ(step.is, action::wait);
        auto const pause = *step.until - now_;
        auto const whole =
            std::min<std::chrono::nanoseconds>(options_.first_pause * (1 << std::min(i, 20)), options_.longest_pause);
        EXPECT_GE(pause, whole / 2 - 1ms) << i;
        EXPECT_LE(pause, whole) << i;
        longest = std::max(longest, pause);
    }
    EXPECT_GE(longest, options_.longest_pause / 2);
}

TEST_F(supervision_test, forgets_old_failures_after_a_long_run)
{
    for (int i = 0; i < 10; ++i) {
        run(false);
        machine_.ended(now_, 1);
    }
    run(false);
    now_ += options_.well_after - 1ns;
    machine_.ended(now_, 1);
    EXPECT_GT(*next().until - now_, options_.first_pause);
    run(false);
    now_ += options_.well_after;
    machine_.ended(now_, 1);
    EXPECT_LE(*next().until - now_, options_.first_pause);
}

TEST_F(supervision_test, looks_when_the_time_of_a_trial_is_over_and_lets_go_on_what_is_committed)
{
    run(true);
    EXPECT_EQ(next().until, now_ + options_.commit_within);
    now_ += options_.commit_within - 1ns;
    EXPECT_EQ(next().is, action::wait);
    now_ += 1ns;
    EXPECT_EQ(next().is, action::look);
    machine_.looked(now_, true);
    EXPECT_EQ(next().is, action::wait);
    EXPECT_FALSE(next().until);
}

TEST_F(supervision_test, looks_again_when_the_disk_does_not_say)
{
    run(true);
    now_ += options_.commit_within;
    EXPECT_EQ(next().is, action::look);
    machine_.looked(now_, std::nullopt);
    EXPECT_EQ(next().until, now_ + options_.look_again);
    now_ += options_.look_again;
    EXPECT_EQ(next().is, action::look);
}

TEST_F(supervision_test, ends_what_was_not_committed_then_kills_it_and_gives_it_up)
{
    run(true);
    now_ += options_.commit_within;
    EXPECT_EQ(next().is, action::look);
    machine_.looked(now_, false);
    auto const told = next();
    EXPECT_EQ(told.is, action::signal);
    EXPECT_EQ(told.number, SIGTERM);
    EXPECT_EQ(next().until, now_ + options_.stop_grace) << "it is told once";
    now_ += options_.stop_grace;
    EXPECT_EQ(next().is, action::kill);
    EXPECT_EQ(next().is, action::wait) << "and killed once";
    machine_.ended(now_, 137);
    auto const given_up = next();
    EXPECT_EQ(given_up.is, action::give_up);
    EXPECT_EQ(given_up.why, cause::not_committed);
    expect_start_within(options_.longest_pause);
}

TEST_F(supervision_test, gives_up_a_trial_that_the_kernel_does_not_run)
{
    EXPECT_EQ(next().is, action::start);
    machine_.not_started(now_, cause::not_started);
    auto const step = next();
    EXPECT_EQ(step.is, action::give_up);
    EXPECT_EQ(step.why, cause::not_started);
    EXPECT_EQ(next().is, action::wait);
}

TEST_F(supervision_test, tries_again_when_there_was_nothing_to_start)
{
    EXPECT_EQ(next().is, action::start);
    machine_.not_started(now_, cause::none);
    expect_start_within(options_.first_pause);
}

TEST_F(supervision_test, stops_by_the_same_signal_and_with_the_programs_exit_status)
{
    run(true);
    machine_.asked_to_stop(now_, SIGINT);
    auto const told = next();
    EXPECT_EQ(told.is, action::signal);
    EXPECT_EQ(told.number, SIGINT);
    machine_.asked_to_stop(now_ + 1s, SIGTERM);
    EXPECT_EQ(next().until, now_ + options_.stop_grace) << "asking twice gains no time";
    machine_.ended(now_, 7);
    auto const left = next();
    EXPECT_EQ(left.is, action::leave);
    EXPECT_EQ(left.number, 7);
}

TEST_F(supervision_test, stops_while_it_rests)
{
    run(false);
    machine_.ended(now_, 3);
    machine_.asked_to_stop(now_, SIGTERM);
    auto const left = next();
    EXPECT_EQ(left.is, action::leave);
    EXPECT_EQ(left.number, 0) << "nothing ran when it was asked";
}

TEST_F(supervision_test, gives_up_first_when_asked_to_stop_meanwhile)
{
    run(true);
    now_ += options_.commit_within;
    EXPECT_EQ(next().is, action::look);
    machine_.looked(now_, false);
    machine_.asked_to_stop(now_, SIGTERM);
    EXPECT_EQ(next().is, action::signal);
    machine_.ended(now_, 0);
    EXPECT_EQ(next().is, action::give_up);
    EXPECT_EQ(next().is, action::leave);
}

TEST_F(supervision_test, a_program_that_ends_to_be_replaced_is_replaced_at_once)
{
    run(false);
    machine_.ended(now_ + 1s, firmware::handed_over);
    now_ += 1s;
    EXPECT_EQ(next().is, action::start);
}

TEST_F(supervision_test, one_that_ends_so_again_and_again_has_to_rest)
{
    run(false);
    machine_.ended(now_, firmware::handed_over);
    EXPECT_EQ(next().is, action::start);
    machine_.started(now_, true);
    machine_.ended(now_, firmware::handed_over);
    EXPECT_EQ(next().is, action::wait);
    run(false);
    now_ += options_.well_after;
    machine_.ended(now_, firmware::handed_over);
    EXPECT_EQ(next().is, action::start) << "this one ran well for long";
}

TEST_F(supervision_test, replaces_nothing_while_it_is_asked_to_stop)
{
    run(false);
    machine_.asked_to_stop(now_, SIGTERM);
    EXPECT_EQ(next().is, action::signal);
    machine_.ended(now_, firmware::handed_over);
    EXPECT_EQ(next().is, action::leave);
}

}  // namespace
}  // namespace tp::supervisor
