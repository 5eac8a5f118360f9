#include <gtest/gtest.h>

#include "tests/bench/rollout_simulation/run.hpp"

namespace tp::simulation {
namespace {

rollout_scale small(double broken)
{
    rollout_scale out;
    out.probes = 1'000;
    out.broken = broken;
    out.how = rollout::mode::forced;
    return out;
}

TEST(rollout_simulation, halts_a_release_that_breaks_many_and_all_go_back)
{
    auto const seen = run_rollout(7, small(0.3));
    EXPECT_EQ(seen.end, rollout::phase::halted);
    EXPECT_GT(seen.broken_touched, 0U);
    EXPECT_EQ(seen.broken_on_old, seen.broken_touched);
    EXPECT_LT(seen.touched, 0.05);
}

TEST(rollout_simulation, halts_a_lazy_one_that_every_host_lets_begin_within_the_hour)
{
    rollout_scale hurried;
    hurried.probes = 2'000;
    hurried.broken = 0.3;
    hurried.begins_within = std::chrono::hours{1};
    auto const seen = run_rollout(7, hurried);
    EXPECT_EQ(seen.end, rollout::phase::halted);
    EXPECT_EQ(seen.broken_on_old, seen.broken_touched);
    EXPECT_LT(seen.touched, 0.02);
}

TEST(rollout_simulation, carries_a_good_release_to_the_fleet)
{
    auto const seen = run_rollout(7, small(0));
    EXPECT_EQ(seen.end, rollout::phase::complete) << seen.because;
    EXPECT_GT(seen.updated, 700U);
}

TEST(rollout_simulation, is_the_same_for_the_same_seed)
{
    auto const one = run_rollout(3, small(0.3)), again = run_rollout(3, small(0.3));
    EXPECT_EQ(one.touched, again.touched);
    EXPECT_EQ(one.because, again.because);
}

}  // namespace
}  // namespace tp::simulation
