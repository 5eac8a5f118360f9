#include "tests/bench/fleet_simulation/simulation.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/bench/fleet_simulation/random.hpp"

/// `make bench-detect` in small. That the figures are good is the benchmark's matter; here, that nothing is broken.
namespace tp::simulation {
namespace {

constexpr scale small{.probes = 600, .days = 7, .bad_of_each = 34};  // two of each kind and strength
constexpr scale tiny{.probes = 200, .days = 6, .bad_of_each = 50};   // one of each

TEST(fleet_simulation, the_detectors_find_bad_probes_and_leave_honest_ones_alone)
{
    auto const seen = simulate(7, small, {});
    std::size_t judged = 0, caught = 0;
    for (std::size_t of = 1; of < kind_count; ++of) {
        for (auto const how : {strength::blatant, strength::middle}) {
            std::size_t here = 0;
            caught += caught_in_time(seen, static_cast<kind>(of), how, here);
            judged += here;
        }
    }
    EXPECT_GE(judged, 40U);
    EXPECT_GE(static_cast<double>(caught), 0.9 * static_cast<double>(judged));
    EXPECT_GT(seen.honest.hours, 60'000U);
    // In so small a fleet a network is a probe or two, and few anchors have peers enough.
    EXPECT_LE(seen.honest.isolations, 5U);
    EXPECT_LE(seen.honest.in_mass_events, 1U);
}

TEST(fleet_simulation, without_rules_nobody_is_found)
{
    detect::settings deaf;
    deaf.policy.modes.fill(detect::mode::off);
    auto const seen = simulate(7, tiny, deaf);
    EXPECT_FALSE(seen.bad.empty());
    for (auto const& each : seen.bad) EXPECT_FALSE(each.caught);
    EXPECT_EQ(seen.honest.isolations, 0U);
}

TEST(fleet_simulation, the_same_seed_is_the_same_world)
{
    auto const a = simulate(3, tiny, {});
    auto const b = simulate(3, tiny, {});
    EXPECT_EQ(a.honest.hours, b.honest.hours);
    EXPECT_EQ(a.honest.suspicions, b.honest.suspicions);
    ASSERT_EQ(a.bad.size(), b.bad.size());
    for (std::size_t i = 0; i < a.bad.size(); ++i) EXPECT_EQ(a.bad[i].hours, b.bad[i].hours);
}

TEST(fleet_simulation, draws_what_it_says)
{
    random_stream random(1);
    double sum = 0, squares = 0, small_counts = 0, large_counts = 0, events = 0;
    constexpr int draws = 20'000;
    for (int i = 0; i < draws; ++i) {
        auto const one = random.normal(10, 2);
        sum += one;
        squares += (one - 10) * (one - 10);
        small_counts += random.binomial(45, 0.01);
        large_counts += random.binomial(45, 0.7);
        events += random.poisson(4);
    }
    EXPECT_NEAR(sum / draws, 10, 0.1);
    EXPECT_NEAR(std::sqrt(squares / draws), 2, 0.05);
    EXPECT_NEAR(small_counts / draws, 0.45, 0.03);
    EXPECT_NEAR(large_counts / draws, 31.5, 0.2);
    EXPECT_NEAR(events / draws, 4, 0.1);
}

}  // namespace
}  // namespace tp::simulation
