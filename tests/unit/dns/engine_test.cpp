#include "probe/measure/dns/engine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <fstream>
#include <set>

#include "base/coroutine.hpp"
#include "probe/measure/dns/answer.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

using asio::ip::udp;

/// A server on loopback, which the host's list allows here: it sends every query back, as if that were an answer.
class echo_server {
public:
    explicit echo_server(asio::io_context& io) : socket_(io, udp::endpoint(asio::ip::address_v4::loopback(), 0))
    {
        receive();
    }
    std::uint16_t port() const { return socket_.local_endpoint().port(); }

    std::size_t heard = 0, deaf_for = 0;
    std::set<std::uint16_t> ports, ids;

private:
    void receive()
    {
        socket_.async_receive_from(asio::buffer(buffer_), from_, [this](error_code ec, std::size_t length) {
            if (ec) return;
            ports.insert(from_.port());
            ids.insert(message_id({buffer_.data(), length}).value_or(0));
            if (++heard > deaf_for) socket_.send_to(asio::buffer(buffer_, length), from_);
            receive();
        });
    }

    udp::socket socket_;
    udp::endpoint from_;
    std::array<std::uint8_t, 1500> buffer_{};
};

class dns_engine_test : public testing::Test {
protected:
    std::vector<outcome> play(std::vector<order> const& orders, std::filesystem::path const& resolvers = "/none")
    {
        guard asked({.packets_per_second = 100'000}, target_policy(parse_allow_list("127.0.0.0/8\n::1\n").prefixes),
                    std::chrono::steady_clock::now());
        tls_context shared;
        dns_engine engine(io_.get_executor(), asked, shared, nameservers(resolvers));
        std::vector<outcome> out;
        asio::cancellation_signal stop;
        for (auto const& one : orders) {
            engine.start(one, [&](outcome got) {
                out.push_back(std::move(got));
                if (out.size() == orders.size()) stop.emit(asio::cancellation_type::terminal);
            });
        }
        EXPECT_TRUE(out.empty()) << "never from within start()";
        auto const ended = [this](std::exception_ptr thrown) {
            io_.stop();  // the server has no end
            expect_cancelled(thrown);
        };
        asio::co_spawn(io_, engine.run(), asio::bind_cancellation_slot(stop.slot(), ended));
        io_.run_for(30s);
        EXPECT_EQ(out.size(), orders.size());
        EXPECT_EQ(engine.running(), 0U);
        io_.restart();
        return out;
    }

    order ask(proto::dns_options options, std::string_view server = "127.0.0.1")
    {
        if (options.query_argument.empty()) options.query_argument = "x.test";
        if (options.port == 0) options.port = server_.port();
        auto job = ping_job(1, {});
        job.options = std::move(options);
        return {std::move(job), parse_address(server).value(), probe_id::from(7).value()};
    }

    static proto::dns_report const& found_in(outcome const& got) { return std::get<proto::dns_report>(got.found); }

    asio::io_context io_;
    echo_server server_{io_};
};

TEST_F(dns_engine_test, an_answer_is_reported)
{
    auto const all = play({ask({.include_qbuf = true})});
    ASSERT_EQ(all.size(), 1U);
    ASSERT_EQ(found_in(all[0]).exchanges.size(), 1U);
    auto const& got = found_in(all[0]).exchanges[0];
    EXPECT_EQ(got.error_name, "");
    EXPECT_EQ(got.answer, got.query) << "this server says so";
    EXPECT_EQ(got.answer_size, 24U);
    ASSERT_TRUE(got.round_trip);
    EXPECT_GT(*got.round_trip, 0ns);
    EXPECT_EQ(got.ttl, 64U);
    EXPECT_EQ(got.source, parse_address("127.0.0.1").value());
    EXPECT_EQ(all[0].source, got.source);
    EXPECT_EQ(all[0].began, got.at);
    EXPECT_EQ(all[0].cost.packets_sent, 1U);
    EXPECT_EQ(all[0].cost.octets_sent, 52U);
    EXPECT_EQ(all[0].cost.octets_received, 52U);
}

TEST_F(dns_engine_test, many_at_once_are_told_apart_and_use_many_ports_and_ids)
{
    std::vector<order> orders;
    for (int i = 0; i < 200; ++i)
        orders.push_back(ask({.query_argument = "$r.x.test", .include_qbuf = true, .use_macros = true}));
    std::set<std::string> names;
    for (auto const& one : play(orders)) {
        auto const& got = found_in(one).exchanges.at(0);
        EXPECT_EQ(got.error_name, "");
        EXPECT_EQ(got.answer, got.query);
        names.insert(got.query.substr(dns_head_length));
    }
    EXPECT_EQ(names.size(), orders.size()) << "a new random number for each query";
    EXPECT_GE(server_.ports.size(), 200U / udp_sockets::most_uses);
    EXPECT_GE(server_.ids.size(), 190U);
}

TEST_F(dns_engine_test, asks_again_after_the_limit_with_another_id)
{
    server_.deaf_for = 2;
    auto const all = play({ask({.retry = 3, .timeout = 100ms})});
    auto const& got = found_in(all.at(0)).exchanges.at(0);
    EXPECT_EQ(got.error_name, "");
    EXPECT_EQ(got.retries, 2U);
    EXPECT_EQ(server_.ids.size(), 3U);
    EXPECT_EQ(all[0].cost.packets_sent, 3U);
}

TEST_F(dns_engine_test, silence_is_a_timeout)
{
    server_.deaf_for = 2;
    auto const all = play({ask({.retry = 1, .timeout = 100ms})});
    auto const& got = found_in(all.at(0)).exchanges.at(0);
    EXPECT_EQ(got.error_name, "timeout");
    EXPECT_EQ(got.error_text, "100");
    EXPECT_EQ(got.source, parse_address("127.0.0.1").value());
    EXPECT_FALSE(all[0].failed);
}

TEST_F(dns_engine_test, what_the_guard_refuses_is_not_asked)
{
    using enum proto::dns_transport;
    for (auto const transport : {udp, tcp, tls}) {
        auto const all = play({ask({.transport = transport}, "192.168.0.53")});
        EXPECT_EQ(all.at(0).failed, (proto::failure{proto::failure_source::guard, "address not allowed"}));
        EXPECT_NE(all[0].why, "");
        EXPECT_TRUE(found_in(all[0]).exchanges.empty());
        EXPECT_EQ(all[0].cost.packets_sent, 0U);
    }
}

TEST_F(dns_engine_test, a_name_that_is_none_fails_the_run)
{
    using enum proto::dns_transport;
    for (auto const transport : {udp, tcp}) {
        auto const all =
            play({ask({.query_argument = "$x.test", .transport = transport, .use_macros = true}), ask({})});
        auto const failed = std::find_if(all.begin(), all.end(), [](auto const& one) { return one.failed; });
        ASSERT_NE(failed, all.end());
        EXPECT_EQ(failed->failed->text, "unable to format DNS query");
        EXPECT_TRUE(found_in(*failed).exchanges.empty());
    }
}

TEST_F(dns_engine_test, every_resolver_is_asked_whatever_the_family_of_the_measurement)
{
    temporary_folder const folder;
    auto const file = folder.path() / "resolv.conf";
    std::ofstream(file) << "nameserver 127.0.0.1\nnameserver ::1\nnameserver 127.0.0.2\n";
    server_.deaf_for = 1000;
    auto order = ask({.use_probe_resolver = true, .timeout = 100ms});
    order.target.reset();
    for (auto const af : {proto::family::v4, proto::family::v6}) {
        order.job.af = af;
        auto const all = play({order}, file);
        EXPECT_TRUE(found_in(all.at(0)).by_resolvers);
        auto const& got = found_in(all[0]).exchanges;
        ASSERT_EQ(got.size(), 3U);
        EXPECT_EQ(got[0].server, parse_address("127.0.0.1").value());
        EXPECT_EQ(got[1].server, parse_address("::1").value());
        EXPECT_EQ(got[2].server, parse_address("127.0.0.2").value());
        EXPECT_EQ(all[0].target, std::nullopt);
    }
}

TEST_F(dns_engine_test, no_resolver_is_told)
{
    auto order = ask({.use_probe_resolver = true});
    order.target.reset();
    auto const all = play({order});
    ASSERT_EQ(found_in(all.at(0)).exchanges.size(), 1U);
    EXPECT_EQ(found_in(all[0]).exchanges[0].error_name, "nameserver");
    EXPECT_EQ(found_in(all[0]).exchanges[0].error_text, "no local resolvers found");
}

}  // namespace
}  // namespace tp::probe
