#include "base/backoff.hpp"

#include <gtest/gtest.h>

#include <set>

namespace tp {
namespace {

using namespace std::chrono_literals;

TEST(backoff, stays_between_half_and_the_whole_step_and_grows_to_the_limit)
{
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        backoff pause(100ms, 1'500ms, seed);
        for (auto const step : {100ms, 200ms, 400ms, 800ms, 1'500ms, 1'500ms}) {
            auto const length = pause.next();
            EXPECT_GE(length, step / 2);
            EXPECT_LE(length, step);
        }
    }
}

TEST(backoff, starts_again_after_a_success_and_never_overflows)
{
    backoff pause(1s, 1h, 1);
    for (int i = 0; i < 10'000; ++i) EXPECT_LE(pause.next(), 1h);
    EXPECT_GE(pause.next(), 30min);
    pause.reset();
    EXPECT_LE(pause.next(), 1s);
}

TEST(backoff, spreads_clients)
{
    std::set<backoff::milliseconds> seen;
    for (std::uint64_t seed = 0; seed < 100; ++seed) seen.insert(backoff(10s, 1h, seed).next());
    EXPECT_GT(seen.size(), 90U);
}

}  // namespace
}  // namespace tp
