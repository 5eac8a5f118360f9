#include <gmock/gmock.h>

#include <boost/asio/ip/udp.hpp>

#include "probe/anchor/dns/answer.hpp"
#include "probe/anchor/dns/stream_session.hpp"
#include "probe/anchor/dns/udp_server.hpp"
#include "tests/unit/anchor/dns_support.hpp"
#include "tests/unit/anchor/server_support.hpp"

namespace tp::anchor {
namespace {

using namespace std::chrono_literals;

dns_zone const zone{"a1.example.net.", "a1.example.net", {parse_address("192.0.2.1").value()}, 1};

std::string framed(std::string const& message)
{
    return std::string{static_cast<char>(message.size() >> 8U), static_cast<char>(message.size() & 0xffU)} + message;
}

class dns_stream_test : public tcp_fixture {
protected:
    void serve(dns_stream_limits limits = {})
    {
        start([limits](asio::ip::tcp::socket socket, auto&) {
            return make_dns_session(std::move(socket), zone, limits);
        });
    }

    static std::string read(raw_client& from)
    {
        auto const head = from.octets(2);
        if (head.size() < 2) return "";
        return from.octets(std::size_t{static_cast<unsigned char>(head[0])} << 8U |
                           static_cast<unsigned char>(head[1]));
    }
};

TEST_F(dns_stream_test, answers_one_query_after_the_other_and_those_sent_ahead)
{
    serve();
    auto one = client();
    auto const query = framed(dns_query_text("4000.txt.a1.example.net", LDNS_RR_TYPE_TXT));
    one.send(query);
    EXPECT_EQ(dns_reply(read(one)).text_of_answer(), text_of_size(4'000));
    one.send(query + query);
    EXPECT_EQ(dns_reply(read(one)).text_of_answer(), text_of_size(4'000));
    EXPECT_EQ(dns_reply(read(one)).text_of_answer(), text_of_size(4'000));
}

TEST_F(dns_stream_test, hangs_up_on_who_sends_no_query)
{
    serve();
    auto const query = dns_query_text("a1.example.net", LDNS_RR_TYPE_A);
    auto answer = query;
    answer[2] = static_cast<char>(0x80);
    for (auto const& octets : {std::string("\0\0", 2), std::string("\0\5hello", 7),
                               std::string("GET / HTTP/1.1\r\n\r\n"), framed(answer), std::string("\xff\xff", 2)}) {
        auto one = client();
        one.send(octets);
        EXPECT_EQ(one.rest(), "");
    }
}

TEST_F(dns_stream_test, hangs_up_on_who_is_silent_or_drips)
{
    serve({.idle = 200ms});
    auto silent = client();
    EXPECT_EQ(silent.rest(), "");
    auto drips = client();
    drips.send(std::string("\x0f\x00", 2));
    bool hung_up = false;
    for (int i = 0; i < 1'000 && !hung_up; ++i) {
        hung_up = !drips.send("x");
        std::this_thread::sleep_for(20ms);
    }
    EXPECT_TRUE(hung_up);
}

TEST_F(dns_stream_test, one_connection_has_so_many_queries)
{
    serve();
    auto one = client();
    auto const query = framed(dns_query_text("a1.example.net", LDNS_RR_TYPE_A));
    for (unsigned i = 0; i < dns_stream_limits::queries; ++i) {
        one.send(query);
        ASSERT_FALSE(read(one).empty()) << i;
    }
    EXPECT_EQ(one.rest(), "");
}

class udp_test : public testing::Test {
protected:
    void serve(answer_limiter::options limits)
    {
        server_ = std::make_unique<udp_server>(io_, zone, limits);
        auto const at = server_->listen({asio::ip::address_v4::loopback(), 0}).value();
        server_->start();
        thread_ = std::thread([this] { io_.run(); });
        socket_.connect(at);
        timeval const limit{30, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    void TearDown() override
    {
        asio::post(io_, [this] { server_->stop(); });
        thread_.join();
    }

    std::string receive()
    {
        std::string out(2'000, '\0');
        error_code error;
        out.resize(socket_.receive(asio::buffer(out), 0, error));
        EXPECT_FALSE(error) << error.message();
        return out;
    }

    asio::io_context io_, own_;
    std::unique_ptr<udp_server> server_;
    asio::ip::udp::socket socket_{own_};
    std::thread thread_;
};

TEST_F(udp_test, answers_each_datagram_but_those_that_are_no_query)
{
    serve({});
    auto const query = dns_query_text("100.txt.a1.example.net", LDNS_RR_TYPE_TXT);
    socket_.send(asio::buffer(std::string("hello")));
    socket_.send(asio::buffer(std::string()));
    socket_.send(asio::buffer(query));
    EXPECT_EQ(dns_reply(receive()).text_of_answer(), text_of_size(100));
}

TEST_F(udp_test, beyond_the_limit_answers_are_truncated)
{
    serve({.per_second = 1, .slip = 1});
    constexpr int most = 10;
    auto const query = dns_query_text("400.txt.a1.example.net", LDNS_RR_TYPE_TXT);
    int whole = 0, truncated = 0;
    for (int i = 0; i < most; ++i) socket_.send(asio::buffer(query));
    for (int i = 0; i < most; ++i) {
        auto const got = receive();
        dns_reply(got).truncated() ? ++truncated : ++whole;
        EXPECT_LE(dns_reply(got).truncated() ? got.size() : 0, query.size());
    }
    EXPECT_GE(whole, 1);
    EXPECT_GE(truncated, 1);
}

}  // namespace
}  // namespace tp::anchor
