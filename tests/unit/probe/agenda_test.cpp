#include "probe/measure/agenda.hpp"

#include <gtest/gtest.h>

#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

auto const t0 = start_of_test.steady;

TEST(agenda, gives_runs_in_the_order_of_their_moments)
{
    agenda plans;
    EXPECT_EQ(plans.next(), steady_time::max());
    EXPECT_TRUE(plans.plan(1, t0 + 2s)) << "the first one sets the timer";
    EXPECT_TRUE(plans.plan(2, t0 + 1s));
    EXPECT_FALSE(plans.plan(3, t0 + 3s));
    EXPECT_EQ(plans.next(), t0 + 1s);
    EXPECT_EQ(plans.take_due(t0), std::nullopt);
    EXPECT_EQ(plans.take_due(t0 + 2s), 2U);
    EXPECT_EQ(plans.take_due(t0 + 2s), 1U);
    EXPECT_EQ(plans.take_due(t0 + 2s), std::nullopt);
}

TEST(agenda, a_run_has_one_place)
{
    agenda plans;
    plans.plan(1, t0 + 1s);
    plans.plan(1, t0 + 5s);
    EXPECT_EQ(plans.next(), t0 + 5s);
    EXPECT_FALSE(plans.plan_by(1, t0 + 6s)) << "an earlier look serves, too";
    EXPECT_EQ(plans.next(), t0 + 5s);
    EXPECT_TRUE(plans.plan_by(1, t0 + 4s));
    EXPECT_EQ(plans.take_due(t0 + 9s), 1U);
    EXPECT_EQ(plans.take_due(t0 + 9s), std::nullopt);
    plans.plan(1, t0);
    plans.forget(1);
    EXPECT_EQ(plans.next(), steady_time::max());
}

}  // namespace
}  // namespace tp::probe
