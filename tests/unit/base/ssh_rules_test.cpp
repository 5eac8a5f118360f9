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

class admission_test : public testing::Test {
protected:
    static constexpr auto one = "192.0.2.1", another = "192.0.2.2";

    verdict ask(admission const& gate, char const* from) const { return gate.ask(ip(from), now_); }
    void leave(admission& gate, char const* from, standing as) const { gate.leave(ip(from), as, now_); }

    steady_time now_{1h};
};

TEST_F(admission_test, counts_the_strangers_of_a_source_until_somebody_vouches_for_them)
{
    admission gate({.half_open_per_address = 2});
    gate.enter(ip(one));
    gate.enter(ip(one));
    EXPECT_EQ(ask(gate, one), verdict::source_full);
    EXPECT_EQ(ask(gate, "::ffff:192.0.2.1"), verdict::source_full);
    EXPECT_EQ(ask(gate, another), verdict::welcome);
    gate.opened();
    EXPECT_EQ(ask(gate, one), verdict::source_full) << "whoever has logged in is still a stranger";
    gate.vouched_for(ip(one));
    EXPECT_EQ(ask(gate, one), verdict::welcome);
    leave(gate, one, standing::half_open);
    EXPECT_EQ(gate.half_open(), 0U);
    EXPECT_EQ(gate.strangers(), 0U);
    EXPECT_EQ(gate.sessions(), 1U);
    leave(gate, one, standing::known);
    EXPECT_EQ(gate.sessions(), 0U);
}

TEST_F(admission_test, takes_an_ipv6_customer_for_one_source)
{
    admission gate({.half_open_per_address = 1});
    gate.enter(ip("2001:db8:1:2::1"));
    EXPECT_EQ(ask(gate, "2001:db8:1:2:ffff::9"), verdict::source_full);
    EXPECT_EQ(ask(gate, "2001:db8:1:3::1"), verdict::welcome);
}

TEST_F(admission_test, is_full_for_all)
{
    admission half_open({.half_open = 1});
    half_open.enter(ip(one));
    EXPECT_EQ(ask(half_open, another), verdict::full);
    half_open.opened();
    EXPECT_EQ(ask(half_open, another), verdict::welcome);

    admission sessions({.sessions = 1});
    sessions.enter(ip(one));
    sessions.opened();
    EXPECT_EQ(ask(sessions, another), verdict::full);
}

/// Every source takes what it gets, again and again; how many strangers then are in.
std::size_t besieged(admission& gate, unsigned sources, bool open, steady_time now)
{
    for (bool any = true; any;) {
        any = false;
        for (unsigned i = 0; i < sources; ++i) {
            ip_address const from = boost::asio::ip::address_v4(0xC6120000 + i);
            if (gate.ask(from, now) != verdict::welcome) continue;
            gate.enter(from);
            if (open) gate.opened();
            any = true;
        }
    }
    return gate.strangers();
}

TEST_F(admission_test, keeps_places_for_others_however_many_sources_take_what_they_get)
{
    for (bool const open : {false, true}) {
        for (unsigned const sources : {1U, 10U, 100U, 400U}) {
            admission gate({.sessions = 1'000, .half_open = 500});
            auto const taken = besieged(gate, sources, open, now_);
            EXPECT_LT(taken, open ? 1'000U : 500U) << sources;
            EXPECT_GE(taken, sources);
            EXPECT_EQ(ask(gate, one), verdict::welcome) << sources;
        }
    }
}

TEST_F(admission_test, known_sessions_are_no_crowd_of_strangers)
{
    admission gate({.sessions = 1'000, .half_open_per_address = 64});
    for (int i = 0; i < 900; ++i) {
        ASSERT_EQ(ask(gate, one), verdict::welcome) << i;
        gate.enter(ip(one));
        gate.opened();
        gate.vouched_for(ip(one));
    }
    EXPECT_EQ(besieged(gate, 1, true, now_), 40U) << "of 100 places that are left";
}

TEST_F(admission_test, lets_a_source_wait_whose_sessions_end_as_strangers_again_and_again)
{
    admission gate({.half_open_per_address = 2});
    auto const come_and_go = [&](standing as) {
        gate.enter(ip(one));
        if (as != standing::half_open) gate.opened();
        if (as == standing::known) gate.vouched_for(ip(one));
        leave(gate, one, as);
    };
    for (int i = 0; i < 100; ++i) come_and_go(standing::known);
    for (int i = 0; i < 4; ++i) come_and_go(standing::half_open);
    for (int i = 0; i < 4; ++i) {
        ASSERT_EQ(ask(gate, one), verdict::welcome) << i;
        come_and_go(standing::stranger);
    }
    EXPECT_EQ(ask(gate, one), verdict::source_waits);
    EXPECT_EQ(ask(gate, another), verdict::welcome);
    now_ += admission::rest / 2 - 1ms;
    EXPECT_EQ(ask(gate, one), verdict::source_waits);
    now_ += 1ms;
    EXPECT_EQ(ask(gate, one), verdict::welcome);
    come_and_go(standing::stranger);
    EXPECT_EQ(ask(gate, one), verdict::source_waits);
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
