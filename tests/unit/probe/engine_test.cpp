#include "probe/measure/ping/engine.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <set>

#include "base/coroutine.hpp"
#include "probe/measure/source_address.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

/// Real sockets on loopback, which the host's list allows here.
class engine_test : public testing::Test {
protected:
    static constexpr auto limit = 30s;

    std::optional<echo_socket> open(proto::family af)
    {
        auto socket = echo_socket::open(io_.get_executor(), af);
        if (!socket) return std::nullopt;
        return std::move(*socket);
    }

    /// Runs the orders together until all are done.
    std::vector<outcome> play(std::vector<order> const& orders, caps limits = {.packets_per_second = 100'000})
    {
        guard asked(limits, target_policy(parse_allow_list("127.0.0.0/8\n::1\n").prefixes),
                    std::chrono::steady_clock::now());
        ping_engine engine(io_.get_executor(), asked, open(proto::family::v4), open(proto::family::v6), 1);
        std::vector<outcome> out;
        asio::cancellation_signal stop;
        for (auto const& one : orders) {
            engine.start(one, [&](outcome got) {
                out.push_back(std::move(got));
                if (out.size() == orders.size()) stop.emit(asio::cancellation_type::terminal);
            });
        }
        asio::co_spawn(io_, engine.run(), asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
        io_.run_for(limit);
        EXPECT_EQ(out.size(), orders.size());
        EXPECT_EQ(engine.running(), 0U);
        return out;
    }

    static order ping(std::string_view to, unsigned packets = 3, unsigned size = 48)
    {
        auto job = ping_job(1, {});
        job.options =
            proto::ping_options{.packets = packets, .size = size, .packet_interval = 5ms, .include_probe_id = true};
        return {std::move(job), parse_address(to).value(), probe_id::from(7).value()};
    }

    static proto::ping_report const& found_in(outcome const& got) { return std::get<proto::ping_report>(got.found); }

    void expect_all_answered(std::string_view to, unsigned size)
    {
        auto const all = play({ping(to, 3, size)});
        ASSERT_EQ(all.size(), 1U);
        auto const& got = all[0];
        ASSERT_FALSE(got.failed) << got.failed->text;
        EXPECT_EQ(got.source, parse_address(to).value());
        EXPECT_EQ(found_in(got).size, size);
        std::size_t const heads = parse_address(to).value().is_v4() ? 28 : 48;
        EXPECT_EQ(got.cost.packets_sent, 3U);
        EXPECT_EQ(got.cost.octets_sent, 3 * (heads + size));
        EXPECT_EQ(got.cost.packets_received, 3U);
        EXPECT_EQ(got.cost.octets_received, got.cost.octets_sent);
        ASSERT_EQ(found_in(got).packets.size(), 3U);
        for (auto const& packet : found_in(got).packets) {
            EXPECT_EQ(packet.error, "");
            ASSERT_TRUE(packet.round_trip);
            EXPECT_GT(*packet.round_trip, 0ns);
            EXPECT_LT(*packet.round_trip, 1s);
            EXPECT_EQ(packet.ttl, 64U);
            EXPECT_EQ(packet.duplicates, 0U);
            EXPECT_EQ(packet.source, std::nullopt);
            EXPECT_EQ(packet.size, std::nullopt);
        }
        EXPECT_TRUE(got.clock == proto::clock_kind::kernel);
    }

    /// The kernel begins to stamp what it receives a moment after the first socket asked for it (net_enable_timestamp
    /// defers that to a worker).
    void expect_stamps_soon(std::string_view to)
    {
        constexpr int most_tries = 200;
        for (int tries = 0; tries < most_tries; ++tries) {
            auto const all = play({ping(to, 1, 48)});
            io_.restart();
            if (all.size() == 1U && all[0].clock == proto::clock_kind::kernel) return;
        }
        ADD_FAILURE() << "no stamps by the kernel in " << most_tries << " pings";
    }

    asio::io_context io_;
};

TEST_F(engine_test, pings_loopback_over_v4)
{
    if (!open(proto::family::v4)) GTEST_SKIP() << "no ICMP socket permitted";
    auto const stamping = open(proto::family::v4);  // the kernel goes on stamping while some socket wants it
    expect_stamps_soon("127.0.0.1");
    for (unsigned const size : {1U, 7U, 8U, 48U, 2048U}) {
        SCOPED_TRACE(size);
        expect_all_answered("127.0.0.1", size);
        io_.restart();
    }
}

TEST_F(engine_test, pings_loopback_over_v6)
{
    if (!open(proto::family::v6) || !source_address(parse_address("::1").value()))
        GTEST_SKIP() << "no ICMPv6 socket, or no ::1";
    auto const stamping = open(proto::family::v6);
    expect_stamps_soon("::1");
    for (unsigned const size : {1U, 48U, 2048U}) {
        SCOPED_TRACE(size);
        expect_all_answered("::1", size);
        io_.restart();
    }
}

TEST_F(engine_test, tells_many_runs_apart)
{
    if (!open(proto::family::v4)) GTEST_SKIP() << "no ICMP socket permitted";
    std::vector<order> orders;
    for (int i = 1; i <= 200; ++i) orders.push_back(ping("127.0.0." + std::to_string(i), 16));
    std::size_t answered = 0;
    for (auto const& one : play(orders))
        for (auto const& packet : found_in(one).packets) answered += packet.round_trip && !packet.source ? 1 : 0;
    EXPECT_EQ(answered, 3200U);
}

TEST_F(engine_test, a_thousand_jobs_at_one_moment_are_told_apart)
{
    if (!open(proto::family::v4)) GTEST_SKIP() << "no ICMP socket permitted";
    std::vector<order> orders;
    for (int i = 0; i < 1000; ++i)
        orders.push_back(ping("127.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1), 2));
    std::set<ip_address> targets;
    for (auto const& one : play(orders)) {
        targets.insert(one.target.value());
        EXPECT_EQ(one.cost.packets_received, 2U);
        for (auto const& packet : found_in(one).packets)
            EXPECT_TRUE(packet.round_trip && !packet.source && packet.duplicates == 0) << one.target->to_string();
    }
    EXPECT_EQ(targets.size(), orders.size());
}

TEST_F(engine_test, a_target_that_the_guard_refuses_is_sent_nothing)
{
    auto const all = play({ping("192.168.1.1"), ping("fe80::1")});
    for (auto const& one : all) {
        ASSERT_TRUE(one.failed);
        EXPECT_EQ(one.failed, (proto::failure{proto::failure_source::guard, "address not allowed"}));
        EXPECT_TRUE(found_in(one).packets.empty());
        EXPECT_NE(one.why, "");
    }
}

TEST_F(engine_test, packets_beyond_the_budget_are_delayed_not_lost)
{
    if (!open(proto::family::v4)) GTEST_SKIP() << "no ICMP socket permitted";
    auto const begin = std::chrono::steady_clock::now();
    auto const all =
        play({ping("127.0.0.1", 4), ping("127.0.0.2", 4), ping("127.0.0.3", 4)}, {.packets_per_second = 6});
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 1s) << "six at once, and six within the next second";
    for (auto const& one : all)
        for (auto const& packet : found_in(one).packets) EXPECT_TRUE(packet.round_trip) << packet.error;
}

TEST_F(engine_test, a_family_without_a_socket_is_a_failure_of_the_probe)
{
    guard asked({}, target_policy(parse_allow_list("127.0.0.0/8").prefixes), std::chrono::steady_clock::now());
    ping_engine engine(io_.get_executor(), asked, std::nullopt, std::nullopt, 1);
    std::optional<outcome> got;
    asio::cancellation_signal stop;
    engine.start(ping("127.0.0.1"), [&](outcome ended) {
        got = std::move(ended);
        stop.emit(asio::cancellation_type::terminal);
    });
    asio::co_spawn(io_, engine.run(), asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
    io_.run_for(limit);
    ASSERT_TRUE(got && got->failed);
    EXPECT_EQ(got->failed->source, proto::failure_source::probe);
}

}  // namespace
}  // namespace tp::probe
