#include "probe/link/dialling.hpp"

#include <gtest/gtest.h>

#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

using action = dialling::action;
auto const now = start_of_test.wall;

proto::assignment assignment(std::initializer_list<char const*> names)
{
    proto::assignment out{.version = 1, .probe = probe_id::from(7).value(), .lease = 3600s, .ask_again_after = 1800s};
    for (auto const* name : names) out.controllers.push_back({name, {"192.0.2.1:7441"}, {}});
    return out;
}

class dialling_test : public testing::Test {
protected:
    void expect(action wanted, std::size_t index, wall_time at = now)
    {
        auto const step = dial_.next(at);
        EXPECT_EQ(static_cast<int>(step.is), static_cast<int>(wanted));
        EXPECT_EQ(step.index, index);
    }

    std::chrono::milliseconds expect_pause()
    {
        auto const step = dial_.next(now);
        EXPECT_EQ(static_cast<int>(step.is), static_cast<int>(action::pause));
        return step.length;
    }

    dialling dial_{2, {.first_pause = 1s, .longest_pause = 60s}, 1};
};

TEST_F(dialling_test, asks_the_registry_first_and_then_dials_the_best_controller)
{
    expect(action::ask_registry, 0);
    dial_.assigned(assignment({"a", "b"}), now);
    expect(action::dial_controller, 0);
    expect(action::dial_controller, 0);
}

TEST_F(dialling_test, begins_with_the_registry_that_it_is_told_and_tries_the_others_too)
{
    dial_ = dialling(2, {.first_registry = 5}, 1);
    expect(action::ask_registry, 1);
    dial_.registry_failed();
    expect(action::ask_registry, 0);
}

TEST_F(dialling_test, tries_every_registry_before_it_pauses_and_pauses_longer_each_time)
{
    auto last = 0ms;
    for (int round = 0; round < 4; ++round) {
        expect(action::ask_registry, 0);
        dial_.registry_failed();
        expect(action::ask_registry, 1);
        dial_.registry_failed();
        auto const pause = expect_pause();
        EXPECT_GE(pause, 500ms * (1 << round));
        EXPECT_LE(pause, 1000ms * (1 << round));
        EXPECT_GE(pause, last / 2);
        last = pause;
    }
}

TEST_F(dialling_test, a_lost_session_leads_to_the_second_controller_at_once)
{
    dial_.assigned(assignment({"a", "b"}), now);
    dial_.session_lost(1h);
    expect(action::dial_controller, 1);
    dial_.session_lost(1h);
    expect(action::dial_controller, 0);
}

TEST_F(dialling_test, once_all_controllers_failed_the_registry_is_asked_after_a_pause)
{
    dial_.assigned(assignment({"a", "b"}), now);
    dial_.dial_failed();
    expect(action::dial_controller, 1);
    dial_.session_lost(2s);  // broke too soon to count as well
    expect_pause();
    expect(action::ask_registry, 0);
    dial_.assigned(assignment({"a", "b"}), now);
    expect(action::dial_controller, 0);
}

TEST_F(dialling_test, pauses_grow_while_controllers_only_fail_and_shrink_once_one_was_well)
{
    auto longest = 0ms;
    for (int round = 0; round < 6; ++round) {
        dial_.assigned(assignment({"a"}), now);
        dial_.dial_failed();
        longest = std::max(longest, expect_pause());
    }
    EXPECT_GE(longest, 16s);
    EXPECT_LE(longest, 60s);
    dial_.assigned(assignment({"a"}), now);
    dial_.session_lost(1h);
    expect(action::dial_controller, 0);
    dial_.dial_failed();
    EXPECT_LE(expect_pause(), 1s);
}

TEST_F(dialling_test, controllers_are_tried_again_while_no_registry_answers_and_the_lease_holds)
{
    dial_.assigned(assignment({"a"}), now);
    dial_.dial_failed();
    expect_pause();
    expect(action::ask_registry, 0);
    dial_.registry_failed();
    expect(action::ask_registry, 1);
    dial_.registry_failed();
    expect_pause();
    expect(action::dial_controller, 0);
}

TEST_F(dialling_test, a_restart_goes_straight_to_a_controller_while_the_lease_holds)
{
    dial_.restore({assignment({"a", "b"}), now - 3599s});
    expect(action::dial_controller, 0);
    expect(action::ask_registry, 0, now + 1s);
    expect(action::dial_controller, 0, now - 24h);
}

TEST_F(dialling_test, waits_as_told_with_up_to_a_quarter_more)
{
    dial_.registry_said_wait({100s, "busy"});
    auto const pause = expect_pause();
    EXPECT_GE(pause, 100s);
    EXPECT_LE(pause, 125s);
    expect(action::ask_registry, 0);

    dial_.assigned(assignment({"a", "b"}), now);
    dial_.controller_said_wait({8s, "busy"});
    EXPECT_GE(expect_pause(), 8s);
    expect(action::dial_controller, 1);

    dial_.controller_said_wait({std::chrono::seconds::max(), "absurd"});
    EXPECT_LE(expect_pause(), 30h);
    expect(action::ask_registry, 0);
}

TEST_F(dialling_test, a_full_controller_is_not_asked_for_ever)
{
    dial_.assigned(assignment({"a", "b"}), now);
    dial_.session_lost(1h);
    expect(action::dial_controller, 1);
    dial_.controller_said_wait({8s, "full"});
    expect_pause();
    expect(action::dial_controller, 0);
    dial_.dial_failed();
    expect_pause();
    expect(action::ask_registry, 0);
}

TEST_F(dialling_test, waits_of_many_probes_differ)
{
    dialling other(2, {}, 2);
    dial_.registry_said_wait({100s, ""});
    other.registry_said_wait({100s, ""});
    EXPECT_NE(expect_pause(), other.next(now).length);
}

TEST_F(dialling_test, a_refusal_by_the_registry_is_asked_again_later)
{
    dial_.registry_refused({proto::refusal::unknown_key, "nobody claimed it", 60s});
    EXPECT_GE(expect_pause(), 60s);
    expect(action::ask_registry, 0);
    dial_.registry_refused({proto::refusal::unknown_key, "nobody claimed it", 0s});
    EXPECT_GT(expect_pause(), 0s) << "a registry that names no time is not hammered";
}

TEST_F(dialling_test, a_controller_that_does_not_expect_us_sends_us_back_to_the_registry)
{
    dial_.assigned(assignment({"a", "b"}), now);
    dial_.controller_refused({proto::refusal::not_placed_here, "moved", 0s});
    expect_pause();
    expect(action::ask_registry, 0);
}

TEST_F(dialling_test, a_replaced_session_is_not_fought_over)
{
    dial_.assigned(assignment({"a", "b"}), now);
    dial_.controller_refused({proto::refusal::replaced, "another session", 0s});
    EXPECT_GE(expect_pause(), 600s);
    expect(action::dial_controller, 0);
}

TEST_F(dialling_test, a_refreshed_list_keeps_the_session_only_if_its_controller_is_in_it)
{
    dial_.assigned(assignment({"a", "b"}), now);
    EXPECT_EQ(dial_.refresh_at(), now + 1800s);
    EXPECT_TRUE(dial_.refreshed(assignment({"b", "a"}), now + 1800s));
    EXPECT_EQ(dial_.refresh_at(), now + 3600s);
    dial_.session_lost(1h);
    expect(action::dial_controller, 0);  // "b": the one after "a"
    EXPECT_FALSE(dial_.refreshed(assignment({"c"}), now + 1800s));
    expect(action::dial_controller, 0);
}

}  // namespace
}  // namespace tp::probe
