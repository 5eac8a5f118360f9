#include "probe/agent/translation_watch.hpp"

#include <gtest/gtest.h>

#include "probe/measure/resolve/ares_core.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

using enum translation_state;

auto const t0 = start_of_test.steady;

TEST(translation_watch, without_ipv6_nobody_needs_to_know)
{
    translation_watch watch;
    EXPECT_FALSE(watch.due(t0));
    EXPECT_EQ(watch.state(t0), known);
    watch.network_changed(true, t0);
    EXPECT_TRUE(watch.due(t0));
    watch.network_changed(false, t0 + 1s);
    EXPECT_FALSE(watch.due(t0 + 1h));
    EXPECT_EQ(watch.state(t0 + 1s), known);
}

TEST(translation_watch, asks_until_it_has_an_answer_and_then_every_hour)
{
    translation_watch watch;
    watch.network_changed(true, t0);
    auto now = t0;
    for (int i = 0; i < 2; ++i) {  // no resolver is up yet
        ASSERT_TRUE(watch.due(now));
        EXPECT_TRUE(watch.answered(watch.network(), false, now));
        EXPECT_NE(watch.state(now), known);
        EXPECT_FALSE(watch.due(now + 4s));
        now += 5s;
    }
    ASSERT_TRUE(watch.due(now));
    EXPECT_TRUE(watch.answered(watch.network(), true, now));
    EXPECT_LT(now, t0 + 1min);
    EXPECT_EQ(watch.state(now), known);
    EXPECT_FALSE(watch.due(now + 59min));
    EXPECT_TRUE(watch.due(now + 1h));
    EXPECT_TRUE(watch.answered(watch.network(), false, now + 1h));
    EXPECT_EQ(watch.state(now + 1h), known) << "a network that does not answer has not changed for that";
    EXPECT_FALSE(watch.due(now + 1h + 9min));
    EXPECT_TRUE(watch.due(now + 1h + 10min));
}

TEST(translation_watch, packets_wait_then_are_refused_but_not_for_ever)
{
    translation_watch watch;
    watch.network_changed(true, t0);
    EXPECT_EQ(watch.state(t0), awaited);
    EXPECT_EQ(watch.state(t0 + 7s), awaited);
    EXPECT_EQ(watch.state(t0 + 8s), unknown);
    EXPECT_EQ(watch.state(t0 + 599s), unknown);
    EXPECT_EQ(watch.state(t0 + 600s), known);
}

TEST(translation_watch, another_network_is_asked_anew_and_the_answer_of_the_one_before_is_none)
{
    translation_watch watch;
    watch.network_changed(true, t0);
    auto const before = watch.network();
    EXPECT_TRUE(watch.answered(before, true, t0));
    watch.network_changed(true, t0 + 5min);
    EXPECT_EQ(watch.state(t0 + 5min), awaited);
    EXPECT_FALSE(watch.answered(before, true, t0 + 5min));
    EXPECT_EQ(watch.state(t0 + 5min), awaited);
    EXPECT_TRUE(watch.due(t0 + 5min));
}

TEST(translation_watch, that_a_name_has_no_address_is_an_answer_and_silence_is_none)
{
    for (int const status : {ARES_ENODATA, ARES_ENOTFOUND})
        EXPECT_TRUE(means_no_address(error_code(status, ares_category()))) << status;
    for (int const status : {ARES_SUCCESS, ARES_ESERVFAIL, ARES_EREFUSED, ARES_ETIMEOUT, ARES_ECONNREFUSED})
        EXPECT_FALSE(means_no_address(error_code(status, ares_category()))) << status;
    EXPECT_FALSE(means_no_address(errc::timed_out));
    EXPECT_FALSE(means_no_address(error_code(ARES_ENODATA, boost::system::system_category())));
}

}  // namespace
}  // namespace tp::probe
