#include "probe/measure/dns/exchange.hpp"

#include <gtest/gtest.h>

#include "tests/unit/dns/octets.hpp"

namespace tp::probe {
namespace {

using namespace std::chrono_literals;
using step = udp_exchange::step;

constexpr dns_cookie cookie{'c', 'l', 'i', 'e', 'n', 't', '-', '1'};

class dns_exchange_test : public testing::Test {
protected:
    static ip_address server() { return parse_address("192.0.2.53").value(); }

    udp_exchange& exchange()
    {
        if (!made_) made_.emplace(options_, server(), start_);
        return *made_;
    }
    void send(unsigned id = 7)
    {
        ASSERT_EQ(exchange().due(now_), step::send);
        exchange().sent(head(id), cookie, {now_, wall_ + (now_ - start_)});
    }
    dns_arrival answer(unsigned id, std::chrono::nanoseconds after_kernel, std::string_view from = "192.0.2.53",
                       std::uint16_t port = 53)
    {
        message_ = head(id) + "and more";
        return {octets_of(message_),         parse_address(from).value(), port, parse_address("192.0.2.1").value(), 57,
                {now_, wall_ + after_kernel}};
    }
    proto::dns_exchange const& found() { return exchange().report(); }

    proto::dns_options options_{.query_argument = "x.test", .timeout = 1000ms};
    steady_time const start_ = steady_time{} + 100h;
    wall_time const wall_ = from_unix_seconds(1'700'000'000);
    steady_time now_ = start_;

private:
    std::optional<udp_exchange> made_;
    std::string message_;
};

TEST_F(dns_exchange_test, an_answer_ends_it)
{
    send();
    EXPECT_EQ(exchange().due(now_), step::wait);
    EXPECT_EQ(exchange().next_event(), start_ + 1000ms);
    now_ += 25ms;
    EXPECT_TRUE(exchange().take(answer(7, 24'500us)));
    EXPECT_EQ(exchange().due(now_), step::end);
    EXPECT_EQ(found().round_trip, 24'500us) << "to the kernel's stamp";
    EXPECT_EQ(exchange().clock(), proto::clock_kind::kernel_receive);
    EXPECT_EQ(found().answer, head(7) + "and more");
    EXPECT_EQ(found().answer_size, 20U);
    EXPECT_EQ(found().answer_head, "");
    EXPECT_EQ(found().query, "") << "it was not asked for";
    EXPECT_EQ(found().at, wall_);
    EXPECT_EQ(found().ttl, 57U);
    EXPECT_EQ(found().source, parse_address("192.0.2.1").value());
    EXPECT_EQ(found().retries, 0U);
    EXPECT_EQ(found().error_name, "");
}

TEST_F(dns_exchange_test, without_a_kernels_stamp_the_process_s_clock_counts)
{
    send();
    now_ += 25ms;
    auto got = answer(7, 0ns);
    got.at.kernel.reset();
    EXPECT_TRUE(exchange().take(got));
    EXPECT_EQ(found().round_trip, 25ms);
    EXPECT_EQ(exchange().clock(), proto::clock_kind::user);
}

TEST_F(dns_exchange_test, a_wall_clock_that_was_set_meanwhile_does_not_count)
{
    send();
    now_ += 25ms;
    EXPECT_TRUE(exchange().take(answer(7, 3600s)));
    EXPECT_EQ(found().round_trip, 25ms);
}

TEST_F(dns_exchange_test, what_is_no_answer_is_passed_over_until_the_limit)
{
    send();
    now_ += 1ms;
    EXPECT_FALSE(exchange().take(answer(7, 1ms, "192.0.2.54"))) << "another address";
    EXPECT_FALSE(exchange().take(answer(7, 1ms, "192.0.2.53", 54))) << "another port";
    EXPECT_EQ(found().wrong_ids, 0U);
    EXPECT_FALSE(exchange().take(answer(8, 1ms)));
    EXPECT_FALSE(exchange().take(answer(9, 1ms)));
    EXPECT_EQ(found().wrong_ids, 2U);
    auto cut = answer(7, 1ms);
    cut.message = cut.message.first(11);
    EXPECT_FALSE(exchange().take(cut)) << "no header";
    EXPECT_EQ(exchange().due(now_), step::wait);
    now_ = start_ + 1000ms;
    EXPECT_EQ(exchange().due(now_), step::end);
    EXPECT_EQ(found().error_name, "timeout");
    EXPECT_EQ(found().error_text, "1000");
    EXPECT_EQ(found().round_trip, std::nullopt);
    EXPECT_EQ(exchange().clock(), proto::clock_kind::none);
}

TEST_F(dns_exchange_test, tries_again_as_often_as_it_should)
{
    options_.retry = 2;
    options_.include_qbuf = true;
    for (unsigned i = 0; i < 3; ++i) {
        send(100 + i);
        EXPECT_EQ(exchange().due(now_), step::wait);
        EXPECT_EQ(found().retries, i);
        EXPECT_EQ(found().at, wall_ + i * 1000ms) << "of this try";
        EXPECT_EQ(found().query, head(100 + i));
        now_ += 1000ms;
    }
    EXPECT_EQ(exchange().due(now_), step::end);
    EXPECT_EQ(found().error_name, "timeout");
}

TEST_F(dns_exchange_test, an_answer_to_an_earlier_try_is_none)
{
    options_.retry = 1;
    send(1);
    now_ += 1000ms;
    send(2);
    now_ += 1ms;
    EXPECT_FALSE(exchange().take(answer(1, 1001ms)));
    EXPECT_TRUE(exchange().take(answer(2, 1001ms)));
    EXPECT_EQ(found().retries, 1U);
    EXPECT_EQ(found().round_trip, 1ms);
    EXPECT_EQ(found().wrong_ids, 1U);
}

TEST_F(dns_exchange_test, only_the_first_of_two_answers_counts)
{
    send();
    EXPECT_TRUE(exchange().take(answer(7, 0ns)));
    now_ += 1ms;
    EXPECT_FALSE(exchange().take(answer(7, 1ms)));
    EXPECT_EQ(found().round_trip, 0ns);
}

TEST_F(dns_exchange_test, the_guard_delays_it)
{
    ASSERT_EQ(exchange().due(now_), step::send);
    exchange().hold(start_ + 10s, now_);
    EXPECT_EQ(exchange().due(now_), step::wait);
    EXPECT_EQ(exchange().next_event(), start_ + 10s);
    now_ += 10s;
    send();
    EXPECT_EQ(exchange().next_event(), start_ + 11s) << "the limit counts from sending";
}

TEST_F(dns_exchange_test, but_not_for_ever)
{
    for (; exchange().due(now_) != step::end; now_ = exchange().next_event()) {
        ASSERT_EQ(exchange().due(now_), step::send);
        ASSERT_LE(now_ - start_, udp_exchange::longest_hold);
        exchange().hold(now_ + 7s, now_);
    }
    EXPECT_EQ(found().error_name, "senderror");
    EXPECT_FALSE(exchange().ever_sent());
}

TEST_F(dns_exchange_test, what_cannot_be_sent_ends_it)
{
    options_.retry = 3;
    ASSERT_EQ(exchange().due(now_), step::send);
    exchange().not_sent("senderror", "AF_INET, Network is unreachable");
    EXPECT_EQ(exchange().due(now_), step::end);
    EXPECT_EQ(found().error_text, "AF_INET, Network is unreachable");
}

TEST_F(dns_exchange_test, an_answer_can_be_left_out)
{
    options_.include_abuf = false;
    send();
    EXPECT_TRUE(exchange().take(answer(7, 0ns)));
    EXPECT_EQ(found().answer, "");
    EXPECT_EQ(found().answer_head, head(7));
    EXPECT_EQ(found().answer_size, 20U);
}

TEST_F(dns_exchange_test, tells_another_cookie)
{
    options_.set_cookie = true;
    send();
    auto got = answer(7, 0ns);
    auto const message = head(7, 0, 0, 0, 1) + opt(cookie_option("client-2"));
    got.message = octets_of(message);
    EXPECT_TRUE(exchange().take(got));
    EXPECT_TRUE(found().cookie_mismatch);
}

}  // namespace
}  // namespace tp::probe
