#include "probe/guard/guard.hpp"

#include <gtest/gtest.h>

#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

using kind = verdict::kind;
auto const t0 = start_of_test.steady;

packet to(ip_address const& address)
{
    return {proto::result_kind::ping, address, 84};
}

proto::job every(std::chrono::seconds interval, unsigned size = 48)
{
    auto job = ping_job(1, {start_of_test.wall, {}, interval, 0s});
    std::get<proto::ping_options>(job.options).size = size;
    return job;
}

TEST(guard, refuses_jobs_beyond_the_hosts_caps)
{
    guard const asked({.jobs_at_once = 2, .shortest_interval = 60s, .largest_size = 1000}, target_policy{}, t0);
    EXPECT_TRUE(asked.may_run(every(60s), 1));
    EXPECT_TRUE(asked.may_run(ping_job(1, {start_of_test.wall, {}, {}, 0s}), 1));
    EXPECT_EQ(asked.may_run(every(60s), 2).said, "too many measurements at once");
    EXPECT_EQ(asked.may_run(every(59s), 0).said, "interval not allowed");
    EXPECT_EQ(asked.may_run(every(60s, 1001), 0).said, "size not allowed");
}

TEST(guard, words_a_refused_target_as_atlas_does_and_keeps_the_reason_for_the_host)
{
    guard asked({}, target_policy{}, t0);
    auto const refused = asked.may_send(to(parse_address("192.168.1.1").value()), t0);
    EXPECT_EQ(refused.is, kind::refuse);
    EXPECT_EQ(refused.said, "address not allowed");
    EXPECT_EQ(refused.why, "private use, RFC 1918");
}

TEST(guard, spends_a_budget_of_packets_and_says_when_to_ask_again)
{
    guard asked({.packets_per_second = 10}, target_policy{}, t0);
    auto const target = parse_address("8.8.8.8").value();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(asked.may_send(to(target), t0).is, kind::allow) << i;
    auto const later = asked.may_send(to(target), t0);
    ASSERT_EQ(later.is, kind::later);
    EXPECT_GT(later.when, t0 + 99ms);
    EXPECT_LT(later.when, t0 + 101ms);
    EXPECT_EQ(asked.may_send(to(target), later.when).is, kind::allow);
    EXPECT_EQ(asked.may_send(to(target), later.when).is, kind::later);

    auto const idle = t0 + 1h;  // the budget does not grow beyond a second's worth
    for (int i = 0; i < 10; ++i) EXPECT_EQ(asked.may_send(to(target), idle).is, kind::allow) << i;
    EXPECT_EQ(asked.may_send(to(target), idle).is, kind::later);
}

TEST(guard, a_refused_packet_costs_no_budget)
{
    guard asked({.packets_per_second = 1}, target_policy{}, t0);
    EXPECT_EQ(asked.may_send(to(parse_address("127.0.0.1").value()), t0).is, kind::refuse);
    EXPECT_EQ(asked.may_send(to(parse_address("8.8.8.8").value()), t0).is, kind::allow);
}

TEST(guard, lets_http_go_to_anchors_only)
{
    guard asked({}, target_policy{}, t0);
    auto const there = parse_address("8.8.8.8").value(), elsewhere = parse_address("8.8.4.4").value();
    EXPECT_EQ(asked.may_fetch(there, 80).why, "not an anchor") << "no list, no anchor";
    asked.set_anchors({{"a.example", {there, parse_address("10.0.0.1").value()}, {80}}});
    EXPECT_TRUE(asked.may_fetch(there, 80));
    EXPECT_FALSE(asked.may_fetch(there, 443));
    EXPECT_FALSE(asked.may_fetch(elsewhere, 80));
    EXPECT_EQ(asked.may_fetch(parse_address("10.0.0.1").value(), 80).why, "private use, RFC 1918");
}

}  // namespace
}  // namespace tp::probe
