#include "probe/agent/storage_watch.hpp"

#include <gtest/gtest.h>

namespace tp::probe {
namespace {

using namespace std::chrono_literals;

struct storage_watch_test : testing::Test {
    error_code const bad{EIO, boost::system::system_category()}, full{ENOSPC, boost::system::system_category()};
    steady_time const now = steady_time() + 24h;
    storage_watch watch;
};

TEST_F(storage_watch_test, tells_of_an_error_once_and_again_while_it_lasts)
{
    EXPECT_FALSE(watch.take_news(now));
    watch.saw("spool", {}, now, 10ms);
    EXPECT_FALSE(watch.take_news(now));
    watch.saw("spool", bad, now);
    auto const told = watch.take_news(now);
    ASSERT_TRUE(told);
    EXPECT_EQ(told->kind, "storage_failing");
    EXPECT_EQ(told->text, "spool: Input/output error");
    watch.saw("spool", bad, now + 1s);
    EXPECT_FALSE(watch.take_news(now + 1s));
    watch.saw("day", full, now + 2s);
    EXPECT_EQ(watch.take_news(now + 2s)->text, "day: No space left on device") << "another trouble";
    watch.saw("day", full, now + storage_watch::told_again + 2s);
    EXPECT_TRUE(watch.take_news(now + storage_watch::told_again + 2s));
}

TEST_F(storage_watch_test, says_that_all_is_well_after_an_hour_without_trouble)
{
    watch.saw("spool", bad, now);
    ASSERT_TRUE(watch.take_news(now));
    EXPECT_FALSE(watch.take_news(now + storage_watch::well_after - 1s));
    EXPECT_EQ(watch.take_news(now + storage_watch::well_after)->kind, "storage_well");
    EXPECT_FALSE(watch.take_news(now + storage_watch::well_after));
    watch.saw("spool", bad, now + 2h);
    EXPECT_EQ(watch.take_news(now + 2h)->kind, "storage_failing");
}

TEST_F(storage_watch_test, takes_one_slow_flush_for_nothing_and_three_within_an_hour_for_trouble)
{
    for (auto const at : {0min, 10min, 61min}) watch.saw("spool", {}, now + at, 3s);
    EXPECT_FALSE(watch.take_news(now + 61min)) << "61 minutes from the first to the third";
    watch.saw("spool", {}, now + 62min, 3s);
    EXPECT_EQ(watch.take_news(now + 62min)->text, "spool: 3 flushes of more than 2 s within an hour");
}

}  // namespace
}  // namespace tp::probe
