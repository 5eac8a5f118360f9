#include "registry/rollout/drift.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/rollout/samples.hpp"

namespace tp::registry::rollout {
namespace {

/// So many that were updated, and so many others, whose results and round trips wander by chance.
std::vector<measured> wandering(std::size_t updated, std::size_t others, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> rate(0.93, 1.0);
    std::lognormal_distribution<double> trip(3.0, 0.8), noise(0.0, 0.15);
    std::vector<measured> out;
    for (std::size_t i = 0; i < updated + others; ++i) {
        auto const typical = trip(random);
        measured one{i < updated, rate(random), rate(random), typical * noise(random), typical * noise(random)};
        if (random() % 50 == 0) one.rate_after = 0.3;  // some lose their line
        out.push_back(one);
    }
    return out;
}

TEST(drift, is_not_found_in_what_wanders_by_chance)
{
    std::size_t found = 0;
    for (std::uint64_t seed = 1; seed <= 500; ++seed) found += drift(wandering(100, 2'000, seed), {}) ? 1 : 0;
    EXPECT_EQ(found, 0u);
}

TEST(drift, is_not_found_when_all_change_alike)
{
    auto seen = wandering(100, 2'000, 1);
    for (auto& each : seen) {
        *each.trip_after *= 2;
        each.rate_after /= 3;
    }
    EXPECT_EQ(drift(seen, {}), std::nullopt);
}

TEST(drift, is_found_when_the_updated_ones_alone_change)
{
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        auto slower = wandering(100, 2'000, seed);
        for (auto& each : slower) *each.trip_after *= each.updated ? 1.3 : 1;
        EXPECT_NE(drift(slower, {}), std::nullopt) << seed;
        auto losing = wandering(100, 2'000, seed);
        for (std::size_t i = 0; i < 20; ++i) losing[i].rate_after /= 4;
        EXPECT_NE(drift(losing, {}), std::nullopt) << seed;
    }
}

TEST(drift, says_nothing_about_a_few_or_without_others)
{
    for (auto const& [updated, others] : {std::pair{9u, 100u}, std::pair{100u, 9u}, std::pair{0u, 0u}}) {
        auto seen = wandering(updated, others, 1);
        for (auto& each : seen) {
            *each.trip_after *= each.updated ? 9 : 1;
            each.rate_after *= each.updated ? 0.01 : 1;
        }
        EXPECT_EQ(drift(seen, {}), std::nullopt);
    }
}

}  // namespace
}  // namespace tp::registry::rollout
