#include "probe/anchor/dns/limiter.hpp"

#include <gtest/gtest.h>

#include <map>

namespace tp::anchor {
namespace {

using namespace std::chrono_literals;
using verdict = answer_limiter::verdict;

constexpr answer_limiter::keys secret{0x9e3779b97f4a7c15, 0x243f6a8885a308d3};

ip_address at(std::string const& text)
{
    return parse_address(text).value();
}

class limiter_test : public testing::Test {
protected:
    answer_limiter limiter(unsigned per_second, unsigned slip) { return {{per_second, slip}, secret, now_}; }

    /// How often each verdict falls on so many queries at this moment.
    std::map<verdict, int> ask(answer_limiter& of, ip_address const& from, int times)
    {
        std::map<verdict, int> out;
        for (int i = 0; i < times; ++i) ++out[of.judge(from, now_)];
        return out;
    }

    steady_time now_{1h};
};

TEST_F(limiter_test, answers_so_many_a_second_and_slips_every_other)
{
    auto asked = limiter(5, 2);
    auto got = ask(asked, at("192.0.2.1"), 25);
    EXPECT_EQ(got[verdict::answer], 5);
    EXPECT_EQ(got[verdict::truncate], 10);
    EXPECT_EQ(got[verdict::drop], 10);
    now_ += 1s;
    EXPECT_EQ(ask(asked, at("192.0.2.1"), 25)[verdict::answer], 5);
    now_ += 200ms;
    EXPECT_EQ(ask(asked, at("192.0.2.1"), 25)[verdict::answer], 1);
    now_ += 1h;
    EXPECT_EQ(ask(asked, at("192.0.2.1"), 25)[verdict::answer], 5);
}

TEST_F(limiter_test, slips_none_or_all_if_so_told)
{
    auto none = limiter(1, 0), all = limiter(1, 1);
    EXPECT_EQ(ask(none, at("192.0.2.1"), 10)[verdict::drop], 9);
    EXPECT_EQ(ask(all, at("192.0.2.1"), 10)[verdict::truncate], 9);
}

TEST_F(limiter_test, a_network_is_one_and_its_neighbours_are_others)
{
    auto asked = limiter(1, 0);
    EXPECT_EQ(asked.judge(at("192.0.2.1"), now_), verdict::answer);
    EXPECT_EQ(asked.judge(at("192.0.2.254"), now_), verdict::drop);
    EXPECT_EQ(asked.judge(at("192.0.3.1"), now_), verdict::answer);
    EXPECT_EQ(asked.judge(at("2001:db8:0:100::1"), now_), verdict::answer);
    EXPECT_EQ(asked.judge(at("2001:db8:0:1ff::1"), now_), verdict::drop);
    EXPECT_EQ(asked.judge(at("2001:db8:0:200::1"), now_), verdict::answer);
}

TEST_F(limiter_test, forged_senders_everywhere_do_not_open_a_bucket_that_is_empty)
{
    auto asked = limiter(1, 0);
    auto const victim = at("192.0.2.1");
    EXPECT_EQ(asked.judge(victim, now_), verdict::answer);
    for (int i = 0; i < 100'000; ++i) {
        asked.judge(boost::asio::ip::address_v4(static_cast<std::uint32_t>(i) << 8U), now_);
    }
    EXPECT_EQ(asked.judge(victim, now_), verdict::drop);
}

TEST_F(limiter_test, few_networks_share_a_bucket)
{
    auto asked = limiter(1, 0);
    int answered = 0;
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        bool const good = asked.judge(boost::asio::ip::address_v4(0x0a000000U + (i << 8U)), now_) == verdict::answer;
        answered += good ? 1 : 0;
    }
    EXPECT_GE(answered, 850);  // chance would give about 940 of 1,000 in 8,192 buckets
}

}  // namespace
}  // namespace tp::anchor
