#include "registry/rollout/selection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <random>

#include "tests/unit/rollout/samples.hpp"

namespace tp::registry::rollout {
namespace {

std::vector<candidate> fleet(std::size_t count, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    constexpr std::array countries{"NL", "DE", "FR", "JP", ""};
    std::vector<candidate> out;
    for (std::size_t i = 0; i < count; ++i) {
        candidate one{probe(static_cast<std::int64_t>(i + 1)), random() % 4 == 0 ? "sw-arm64" : "sw-x86_64",
                      countries[std::min<std::size_t>(random() % 7, 4)], std::nullopt, random() % 500 == 0};
        if (random() % 20 != 0) one.asn = 64500 + static_cast<std::uint32_t>(random() % 40 * (random() % 3));
        out.push_back(std::move(one));
    }
    return out;
}

TEST(selection, reaches_the_shares_exactly_and_the_lab_first)
{
    waves const reach{0, 100, 500, 2'500, whole};
    auto const all = fleet(10'000, 1);
    auto const chosen = choose_waves(all, reach, 42);
    std::array<std::size_t, 5> seen{};
    std::size_t others = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].lab, chosen[i] == 0);
        ++seen.at(chosen[i]);
        others += all[i].lab ? 0 : 1;
    }
    std::size_t sum = 0;
    for (std::size_t wave = 1; wave < reach.size(); ++wave) {
        sum += seen.at(wave);
        EXPECT_EQ(sum, (others * reach[wave] + whole - 1) / whole) << wave;
    }
}

TEST(selection, is_the_same_for_the_same_seed_in_whatever_order_probes_come)
{
    waves const reach{0, 100, 500, 2'500, whole};
    auto all = fleet(3'000, 2);
    auto const chosen = choose_waves(all, reach, 7);
    std::map<probe_id, std::uint32_t> by_probe;
    for (std::size_t i = 0; i < all.size(); ++i) by_probe[all[i].probe] = chosen[i];
    std::mt19937_64 random(3);
    std::shuffle(all.begin(), all.end(), random);
    auto const again = choose_waves(all, reach, 7);
    for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(again[i], by_probe[all[i].probe]);
    EXPECT_NE(choose_waves(all, reach, 8), again);
}

TEST(selection, gives_every_large_stratum_its_share)
{
    waves const reach{500, 2'500, whole};
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        auto const all = fleet(8'000, seed);
        auto const chosen = choose_waves(all, reach, seed);
        std::map<std::string, std::pair<double, double>> countries;  // all, of the first two waves
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto& [of, early] = countries[all[i].model + all[i].country];
            of += 1;
            early += chosen[i] < 2 ? 1 : 0;
        }
        // Each AS is rounded once; the rest is the limit of a simple draw.
        for (auto const& [name, seen] : countries)
            EXPECT_NEAR(seen.second, seen.first / 4, 4 * std::sqrt(seen.first * 3 / 16) / 2 + 2) << name << ' ' << seed;
    }
}

TEST(selection, takes_small_fleets_and_none)
{
    EXPECT_TRUE(choose_waves({}, {0, 100, whole}, 1).empty());
    std::vector<candidate> const three{
        {probe(1), "m", "NL", 1, false}, {probe(2), "m", "", {}, false}, {probe(3), "m", "NL", 1, true}};
    auto const chosen = choose_waves(three, {0, 100, whole}, 1);
    EXPECT_EQ(chosen[2], 0u);
    EXPECT_EQ(chosen[0] + chosen[1], 3u);  // one in each of the two waves
}

}  // namespace
}  // namespace tp::registry::rollout
