#include "registry/detect/policy.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

verdicts all_clean()
{
    verdicts out;
    out.fill(verdict::clean());
    return out;
}

verdicts with(rule by, severity level)
{
    auto out = all_clean();
    out[index(by)] = verdict::of({by, level, {1, "something"}, {0, "something else"}, "time"});
    return out;
}

struct detect_policy : testing::Test {
    std::vector<move> step(verdicts const& found, rule_set held = {})
    {
        remember(past_, found, hour(now_), settings_);
        last_ = propose(past_, found, hour(now_), held, settings_);
        ++now_;
        std::vector<move> out;
        for (auto const& each : last_) out.push_back(each.what);
        return out;
    }
    /// Hours until something is proposed, at most a month.
    int hours_until(move what, verdicts const& found)
    {
        for (int i = 1; i <= 30 * 24; ++i) {
            auto const moves = step(found);
            if (!moves.empty() && moves.front() == what) return i;
        }
        return -1;
    }
    void isolate()
    {
        for (int i = 0; i < 3; ++i) step(with(rule::canary, severity::grave));
        ASSERT_EQ(past_.now, standing::isolated);
    }

    policy_settings settings_;
    history past_;
    std::vector<proposal> last_;
    int now_ = 0;
};

TEST_F(detect_policy, leaves_a_good_probe_alone)
{
    for (int i = 0; i < 100; ++i) EXPECT_THAT(step(all_clean()), IsEmpty());
    EXPECT_THAT(step(with(rule::place, severity::note)), IsEmpty());
}

TEST_F(detect_policy, a_warning_makes_a_suspect_and_never_more)
{
    EXPECT_THAT(step(with(rule::canary, severity::warning)), ElementsAre(move::suspect));
    for (int i = 0; i < 100; ++i) EXPECT_THAT(step(with(rule::canary, severity::warning)), IsEmpty());
    EXPECT_EQ(past_.now, standing::suspect);
}

TEST_F(detect_policy, a_suspect_is_released_after_a_clean_window)
{
    step(with(rule::canary, severity::warning));
    EXPECT_EQ(hours_until(move::release, all_clean()), 24);
    EXPECT_EQ(past_.now, standing::active);
}

TEST_F(detect_policy, a_grave_finding_isolates_once_it_has_lasted)
{
    EXPECT_THAT(step(with(rule::canary, severity::grave)), ElementsAre(move::suspect));
    EXPECT_THAT(step(with(rule::canary, severity::grave)), IsEmpty());
    EXPECT_THAT(step(with(rule::canary, severity::grave)), ElementsAre(move::isolate));
    EXPECT_EQ(last_.front().by, rule::canary);
    EXPECT_TRUE(last_.front().automatic);
    EXPECT_EQ(last_.front().why, "canary: something");
}

TEST_F(detect_policy, loss_is_given_time_to_be_repaired)
{
    for (int i = 0; i < 10; ++i) step(with(rule::peers, severity::grave));
    EXPECT_EQ(past_.now, standing::suspect);
    EXPECT_THAT(step(with(rule::peers, severity::grave)), ElementsAre(move::isolate));
}

TEST_F(detect_policy, a_grave_finding_that_comes_and_goes_does_not)
{
    for (int i = 0; i < 20; ++i) {
        step(with(rule::canary, severity::grave));
        step(with(rule::canary, severity::warning));
    }
    EXPECT_EQ(past_.now, standing::suspect);
}

TEST_F(detect_policy, the_guard_holds_an_isolation_back)
{
    rule_set held;
    held.set(index(rule::canary));
    for (int i = 0; i < 20; ++i) step(with(rule::canary, severity::grave), held);
    EXPECT_EQ(past_.now, standing::suspect);
    rule_set other;
    other.set(index(rule::clock));
    EXPECT_THAT(step(with(rule::canary, severity::grave), other), ElementsAre(move::isolate));
}

TEST_F(detect_policy, a_rule_can_be_told_to_propose_only)
{
    settings_.modes[index(rule::canary)] = mode::propose;
    EXPECT_THAT(step(with(rule::canary, severity::grave)), ElementsAre(move::suspect, move::isolate));
    EXPECT_FALSE(last_.back().automatic);
    for (int i = 0; i < 10; ++i) EXPECT_THAT(step(with(rule::canary, severity::grave)), IsEmpty());  // asked once
    EXPECT_EQ(past_.now, standing::suspect);
    step(all_clean());
    EXPECT_THAT(step(with(rule::canary, severity::grave)), ElementsAre(move::isolate));  // it is a new one
}

TEST_F(detect_policy, flapping_only_proposes_by_default)
{
    for (int i = 0; i < 10; ++i) step(with(rule::flapping, severity::grave));
    EXPECT_EQ(past_.now, standing::suspect);
}

TEST_F(detect_policy, a_rule_that_is_off_is_not_heard)
{
    settings_.modes[index(rule::canary)] = mode::off;
    for (int i = 0; i < 10; ++i) EXPECT_THAT(step(with(rule::canary, severity::grave)), IsEmpty());
}

TEST_F(detect_policy, the_way_back_leads_over_probation)
{
    isolate();
    EXPECT_EQ(hours_until(move::probation, all_clean()), 48);
    EXPECT_EQ(past_.now, standing::probation);
    EXPECT_EQ(hours_until(move::release, all_clean()), 48);
    EXPECT_EQ(past_.now, standing::active);
}

TEST_F(detect_policy, a_warning_begins_the_clean_windows_anew)
{
    isolate();
    for (int i = 0; i < 47; ++i) step(all_clean());
    step(with(rule::clock, severity::warning));
    EXPECT_EQ(hours_until(move::probation, all_clean()), 48);
}

TEST_F(detect_policy, silence_does_not_speak_for_an_isolated_probe)
{
    isolate();
    auto silent = all_clean();
    silent[index(rule::canary)] = verdict::none();
    for (int i = 0; i < 500; ++i) EXPECT_THAT(step(silent), IsEmpty());
    EXPECT_EQ(hours_until(move::probation, all_clean()), 48);
}

TEST_F(detect_policy, a_warning_is_enough_on_probation)
{
    isolate();
    hours_until(move::probation, all_clean());
    EXPECT_THAT(step(with(rule::clock, severity::warning)), IsEmpty());  // not what it was isolated for
    EXPECT_THAT(step(with(rule::canary, severity::warning)), ElementsAre(move::isolate));
}

TEST_F(detect_policy, who_comes_back_again_and_again_waits_longer)
{
    for (int const expected : {48, 96, 192, 384, 384}) {
        isolate();
        EXPECT_EQ(hours_until(move::probation, all_clean()), expected);
        EXPECT_EQ(hours_until(move::release, all_clean()), expected);
    }
}

}  // namespace
}  // namespace tp::registry::detect
