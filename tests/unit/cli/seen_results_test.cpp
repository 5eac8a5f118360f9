#include "api/cli/shown/seen_results.hpp"

#include <gtest/gtest.h>

namespace tp::cli {
namespace {

shown_result result_of(std::int64_t probe, std::int64_t timestamp)
{
    shown_result out;
    out.probe = probe;
    out.timestamp = timestamp;
    return out;
}

TEST(seen_results, knows_a_result_by_probe_and_time)
{
    seen_results seen;
    EXPECT_FALSE(seen.ask_from());
    EXPECT_TRUE(seen.take(result_of(3, 1'700'000'000)));
    EXPECT_FALSE(seen.take(result_of(3, 1'700'000'000)));
    EXPECT_TRUE(seen.take(result_of(4, 1'700'000'001)));
    EXPECT_EQ(seen.probes(), 2U);
    EXPECT_EQ(seen.ask_from(), 1'700'000'001 - seen_results::kept / 2);
}

TEST(seen_results, forgets_what_is_old_and_never_shows_it_again)
{
    seen_results seen;
    EXPECT_TRUE(seen.take(result_of(1, 1'000)));
    EXPECT_TRUE(seen.take(result_of(1, 1'001 + seen_results::kept)));
    EXPECT_FALSE(seen.take(result_of(1, 1'000)));  // forgotten by now
    EXPECT_EQ(seen.probes(), 1U);
}

}  // namespace
}  // namespace tp::cli
