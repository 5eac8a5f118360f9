// The decisions of the transport that need no network: who comes in, and until when.
#include <gtest/gtest.h>

#include "base/ssh/admission.hpp"
#include "base/ssh/deadlines.hpp"

namespace tp::ssh {
namespace {

using namespace std::chrono_literals;
using verdict = admission::verdict;

ip_address ip(char const* text)
{
    return boost::asio::ip::make_address(text);
}

TEST(admission, counts_sources_and_forgets_them)
{
    admission gate({.sessions = 10, .half_open = 4, .half_open_per_address = 2});
    gate.enter(ip("192.0.2.1"));
    gate.enter(ip("192.0.2.1"));
    EXPECT_EQ(gate.ask(ip("192.0.2.1")), verdict::source_full);
    EXPECT_EQ(gate.ask(ip("::ffff:192.0.2.1")), verdict::source_full);
    EXPECT_EQ(gate.ask(ip("192.0.2.2")), verdict::welcome);
    gate.opened(ip("192.0.2.1"));
    EXPECT_EQ(gate.ask(ip("192.0.2.1")), verdict::welcome);
    gate.leave_half_open(ip("192.0.2.1"));
    EXPECT_EQ(gate.half_open(), 0U);
    EXPECT_EQ(gate.sessions(), 1U);
    gate.leave();
    EXPECT_EQ(gate.sessions(), 0U);
}

TEST(admission, takes_an_ipv6_customer_for_one_source)
{
    admission gate({.half_open_per_address = 1});
    gate.enter(ip("2001:db8:1:2::1"));
    EXPECT_EQ(gate.ask(ip("2001:db8:1:2:ffff::9")), verdict::source_full);
    EXPECT_EQ(gate.ask(ip("2001:db8:1:3::1")), verdict::welcome);
}

TEST(admission, is_full_for_all)
{
    admission half_open({.half_open = 1});
    half_open.enter(ip("192.0.2.1"));
    EXPECT_EQ(half_open.ask(ip("192.0.2.2")), verdict::full);
    half_open.opened(ip("192.0.2.1"));
    EXPECT_EQ(half_open.ask(ip("192.0.2.2")), verdict::welcome);

    admission sessions({.sessions = 1});
    sessions.enter(ip("192.0.2.1"));
    sessions.opened(ip("192.0.2.1"));
    EXPECT_EQ(sessions.ask(ip("192.0.2.2")), verdict::full);
}

class deadlines_test : public testing::Test {
protected:
    steady_time const start_{1h};
    deadlines watch_{limits{.stall = 30s, .closing = 2s}, start_ + 10s};
};

TEST_F(deadlines_test, the_handshake_has_its_time)
{
    EXPECT_EQ(watch_.next(), start_ + 10s);
    EXPECT_FALSE(watch_.expired(start_ + 9'999ms));
    EXPECT_TRUE(watch_.expired(start_ + 10s));
    watch_.opened();
    EXPECT_EQ(watch_.next(), std::nullopt);
    EXPECT_FALSE(watch_.expired(start_ + 24h));
}

TEST_F(deadlines_test, output_has_to_move_on)
{
    watch_.opened();
    watch_.output_waits(start_, 100);
    watch_.output_waits(start_ + 20s, 100);
    EXPECT_EQ(watch_.next(), start_ + 30s) << "no progress, no new time";
    watch_.output_waits(start_ + 20s, 101);
    EXPECT_FALSE(watch_.expired(start_ + 49s));
    EXPECT_TRUE(watch_.expired(start_ + 50s));
    watch_.output_is_gone();
    EXPECT_FALSE(watch_.expired(start_ + 50s));
    watch_.output_waits(start_ + 60s, 101);
    EXPECT_EQ(watch_.next(), start_ + 90s) << "the clock starts when output begins to wait";
}

TEST_F(deadlines_test, a_close_has_its_time_whatever_moves)
{
    watch_.opened();
    watch_.closing(start_);
    watch_.output_waits(start_ + 1s, 1);
    EXPECT_EQ(watch_.next(), start_ + 2s);
    EXPECT_TRUE(watch_.expired(start_ + 2s));
}

}  // namespace
}  // namespace tp::ssh
