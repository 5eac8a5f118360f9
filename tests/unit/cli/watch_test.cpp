#include "api/cli/watch.hpp"

#include <gtest/gtest.h>

namespace tp::cli {
namespace {

using std::chrono::seconds;

TEST(watch_ends, when_all_probes_have_answered_a_one_off)
{
    watch_plan const plan{};
    EXPECT_FALSE(watch_ends(plan, {.answered = 4, .expected = 5, .elapsed = seconds(10)}));
    EXPECT_TRUE(watch_ends(plan, {.answered = 5, .expected = 5, .elapsed = seconds(10)}));
    EXPECT_FALSE(watch_ends(plan, {.answered = 0, .expected = 0, .elapsed = seconds(10)}));
}

TEST(watch_ends, when_patience_does)
{
    watch_plan plan{};
    EXPECT_FALSE(watch_ends(plan, {.answered = 4, .expected = 5, .elapsed = seconds(59)}));
    EXPECT_TRUE(watch_ends(plan, {.answered = 4, .expected = 5, .elapsed = seconds(60)}));
    plan.one_off = false;
    EXPECT_FALSE(watch_ends(plan, {.answered = 5, .expected = 5, .elapsed = seconds(1'000'000)}));
    plan.runs_for = seconds(600);
    EXPECT_FALSE(watch_ends(plan, {.answered = 5, .expected = 5, .elapsed = seconds(659)}));
    EXPECT_TRUE(watch_ends(plan, {.answered = 5, .expected = 5, .elapsed = seconds(660)}));
}

TEST(watch_ends, soon_after_the_measurement_was_stopped)
{
    EXPECT_FALSE(watch_ends({}, {.answered = 4, .expected = 5, .over = true, .over_for = seconds(4)}));
    EXPECT_TRUE(watch_ends({}, {.answered = 4, .expected = 5, .over = true, .over_for = seconds(5)}));
}

TEST(watch_ends, at_once_without_suitable_probes)
{
    EXPECT_TRUE(watch_ends({}, {.answered = 0, .expected = 0, .over = true}));
}

}  // namespace
}  // namespace tp::cli
