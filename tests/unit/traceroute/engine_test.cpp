#include "probe/measure/traceroute/engine.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>

#include "base/coroutine.hpp"
#include "probe/measure/traceroute/ordinary_transport.hpp"
#include "probe/measure/traceroute/raw_transport.hpp"
#include "tests/unit/traceroute/internet.hpp"

namespace tp::probe {
namespace {

using proto::family;
using proto::trace_protocol;

constexpr auto limit = 30s;

enum class sockets { raw, ordinary, none };

/// Real sockets on loopback, which the host's list allows here.
class traceroute_engine_test : public testing::TestWithParam<sockets> {
protected:
    std::unique_ptr<trace_transport> open(family af)
    {
        if (GetParam() == sockets::none) return nullptr;
        auto made = GetParam() == sockets::raw ? raw_transport::open(io_.get_executor(), af)
                                               : ordinary_transport::open(io_.get_executor(), af);
        return made ? std::move(*made) : nullptr;
    }

    void SetUp() override
    {
        if (GetParam() != sockets::none && !open(family::v4)) GTEST_SKIP() << "raw sockets are not permitted here";
    }

    std::vector<outcome> play(std::vector<order> const& orders, caps limits = {.packets_per_second = 100'000})
    {
        guard asked(limits, target_policy(parse_allow_list("127.0.0.0/8\n::1\n").prefixes),
                    std::chrono::steady_clock::now());
        traceroute_engine engine(io_.get_executor(), asked, open(family::v4), open(family::v6), 1);
        std::vector<outcome> out;
        asio::cancellation_signal stop;
        for (auto const& one : orders) {
            engine.start(one, [&](outcome got) {
                out.push_back(std::move(got));
                if (out.size() == orders.size()) stop.emit(asio::cancellation_type::terminal);
            });
        }
        EXPECT_TRUE(out.empty()) << "never from within start()";
        EXPECT_EQ(engine.running(), orders.size());
        asio::co_spawn(io_, engine.run(), asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
        io_.restart();
        io_.run_for(limit);
        EXPECT_EQ(out.size(), orders.size());
        EXPECT_EQ(engine.running(), 0U);
        return out;
    }

    static order trace(std::string_view to, trace_protocol protocol, std::int64_t measurement = 1)
    {
        auto const address = parse_address(to).value();
        proto::traceroute_options options{.protocol = protocol, .packets = 2, .response_timeout = 800ms, .port = 1};
        return {{measurement_id::from(measurement).value(),
                 address.is_v4() ? family::v4 : family::v6,
                 std::string(to),
                 address,
                 {},
                 options},
                address,
                {}};
    }

    static proto::traceroute_report const& found_in(outcome const& got)
    {
        return std::get<proto::traceroute_report>(got.found);
    }

    asio::io_context io_{1};
};

class on_loopback : public traceroute_engine_test {};

TEST_P(on_loopback, reaches_the_target_at_its_first_hop)
{
    for (auto const* to : {"127.0.0.1", "::1"})
        for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp, trace_protocol::tcp}) {
            SCOPED_TRACE(std::string(to) + " " + std::to_string(static_cast<int>(protocol)));
            auto const all = play({trace(to, protocol)});
            ASSERT_EQ(all.size(), 1U);
            auto const& got = all[0];
            if (got.failed && got.failed->text.starts_with("unsupported")) continue;  // ping sockets are off
            ASSERT_FALSE(got.failed) << got.failed->text;
            ASSERT_EQ(found_in(got).hops.size(), 1U);
            ASSERT_EQ(found_in(got).hops[0].replies.size(), 2U);
            EXPECT_EQ(found_in(got).hops[0].replies[0].from, parse_address(to).value());
            EXPECT_EQ(found_in(got).stopped_by, proto::trace_end::reached);
            EXPECT_EQ(found_in(got).unprivileged, GetParam() == sockets::ordinary);
            EXPECT_EQ(got.source, parse_address(to).value());
            EXPECT_GE(got.cost.packets_sent, 2U);
            EXPECT_GE(got.cost.packets_received, 2U);
        }
}

TEST_P(on_loopback, takes_the_flows_of_a_measurement_in_turn)
{
    std::vector<order> orders;
    for (int i = 0; i < 3; ++i) {
        orders.push_back(trace("127.0.0.1", trace_protocol::udp, 5));
        std::get<proto::traceroute_options>(orders.back().job.options).paris = 2;
    }
    orders.push_back(trace("127.0.0.1", trace_protocol::udp, 6));
    std::vector<unsigned> ids;
    for (auto const& one : play(orders)) ids.push_back(found_in(one).paris_id);
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(ids, (std::vector<unsigned>{1, 1, 1, 2}));
}

TEST_P(on_loopback, asks_the_guard_first)
{
    auto const all = play({trace("127.0.0.1", trace_protocol::udp), trace("10.0.0.1", trace_protocol::udp)});
    for (auto const& one : all) {
        bool const refused = one.target == parse_address("10.0.0.1").value();
        ASSERT_EQ(one.failed.has_value(), refused);
        if (!refused) continue;
        EXPECT_EQ(one.failed->source, proto::failure_source::guard);
        EXPECT_EQ(one.failed->text, "address not allowed");
        EXPECT_EQ(one.cost.packets_sent, 0U);
        EXPECT_TRUE(found_in(one).hops.empty());
    }
}

TEST_P(on_loopback, waits_when_the_guard_says_later)
{
    auto const all = play({trace("127.0.0.1", trace_protocol::udp), trace("127.0.0.2", trace_protocol::udp)},
                          {.packets_per_second = 20});
    for (auto const& one : all) EXPECT_EQ(found_in(one).stopped_by, proto::trace_end::reached);
}

INSTANTIATE_TEST_SUITE_P(traceroute, on_loopback, testing::Values(sockets::raw, sockets::ordinary),
                         [](auto const& one) { return one.param == sockets::raw ? "raw" : "ordinary"; });

/// A sender of errors who is as fast as we are: each that is read is followed by another one.
struct flood final : trace_transport::listener {
    static constexpr unsigned in_flight = 10, longest = 3000;  // packets

    flood(trace_transport& by, trace_plan const& of) : over(by), plan(of) {}
    void on_answer(trace_answer const&, receipt const&, std::optional<trace_transport::run_number>) override
    {
        if (++answers < longest) send();
    }
    void on_sent(trace_transport::run_number, unsigned, wall_time) override {}
    void on_drained() override {}
    void send() { EXPECT_TRUE(over.send(1, plan, {.number = packets++ % most_trace_packets, .hop = 64, .size = 48})); }

    trace_transport& over;
    trace_plan const& plan;
    unsigned answers = 0, packets = 0;
};

TEST(ordinary_transport, leaves_a_flood_of_errors_to_its_next_turn)
{
    asio::io_context io{1};
    auto const over = ordinary_transport::open(io.get_executor(), family::v4).value();
    auto const loopback = parse_address("127.0.0.1").value();
    proto::traceroute_options options{.protocol = trace_protocol::udp};
    trace_plan plan{.protocol = options.protocol, .source = loopback, .target = loopback, .paris_id = 1};
    plan.port = base_port_of(options);
    ASSERT_FALSE(over->begin(1, plan, options));
    flood errors(*over, plan);
    for (unsigned i = 0; i < flood::in_flight; ++i) errors.send();
    over->drain(errors);
    ASSERT_GT(errors.answers, 0U) << "loopback says at once that nobody listens";
    EXPECT_LT(errors.answers, flood::longest);
    for (int turn = 0; turn < 1000 && errors.answers < flood::longest; ++turn) over->drain(errors);
    EXPECT_GE(errors.answers, flood::longest) << "nothing is left behind";
}

class without_sockets : public traceroute_engine_test {};

TEST_P(without_sockets, says_so)
{
    auto const all = play({trace("127.0.0.1", trace_protocol::udp)});
    ASSERT_TRUE(all.at(0).failed);
    EXPECT_EQ(all[0].failed->source, proto::failure_source::probe);
}

INSTANTIATE_TEST_SUITE_P(traceroute, without_sockets, testing::Values(sockets::none));

}  // namespace
}  // namespace tp::probe
