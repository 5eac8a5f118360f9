#include "probe/anchor/http/session.hpp"

#include <gmock/gmock.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <filesystem>

#include "base/tls.hpp"
#include "probe/anchor/http/reply.hpp"
#include "tests/unit/anchor/server_support.hpp"

namespace tp::anchor {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto drip_pause = 20ms;

class http_session_test : public tcp_fixture {
protected:
    void serve(http_limits limits = {}, crowd::limits room = {},
               std::shared_ptr<asio::ssl::context> const& tls = nullptr)
    {
        site_ = {"a1.example.net", limits, std::string(limits.largest_body, http_reply::letter)};
        start([this, tls](asio::ip::tcp::socket socket,
                          ip_address const& peer) { return make_http_session(std::move(socket), tls, peer, site_); },
              room);
    }

    static std::string get(std::string const& target, std::string const& more = "")
    {
        return "GET " + target + " HTTP/1.1\r\nHost: a1\r\n" + more + "\r\n";
    }

    /// Whether the server hangs up on who sends `piece` again and again.
    static bool hangs_up_on_drip(raw_client& by, std::string const& piece)
    {
        for (int i = 0; i < 1'000; ++i) {
            if (!by.send(piece)) return true;
            std::this_thread::sleep_for(drip_pause);
        }
        return false;
    }

    http_site site_;
};

TEST_F(http_session_test, answers_a_body_of_the_size_asked_for)
{
    serve();
    auto one = client();
    for (std::size_t const size : {0U, 1U, 200U, 10'240U}) {
        one.send(get('/' + std::to_string(size) + "?nonce=n1"));
        auto const head = one.head();
        EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
        EXPECT_THAT(head, HasSubstr("\r\nContent-Length: " + std::to_string(size) + "\r\n"));
        EXPECT_THAT(head, HasSubstr("\r\nX-Trigpoint-Nonce: n1\r\n"));
        EXPECT_EQ(one.octets(size).size(), size);
    }
    one.send(get("/", "Connection: close\r\n"));
    EXPECT_THAT(one.rest(), HasSubstr("\r\n\r\n{\"anchor\":\"a1.example.net\",\"client\":\"127.0.0.1\",\"time\":"));
}

TEST_F(http_session_test, a_head_is_that_of_a_get_without_its_body)
{
    serve();
    auto one = client();
    one.send("HEAD /500 HTTP/1.1\r\nHost: a1\r\n\r\n");
    EXPECT_THAT(one.head(), HasSubstr("\r\nContent-Length: 500\r\n"));
    one.send(get("/3", "Connection: close\r\n"));
    EXPECT_THAT(one.rest(), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), EndsWith("\r\n\r\nxxx")));
}

TEST_F(http_session_test, a_post_may_bring_a_body_which_is_dropped)
{
    serve();
    auto one = client();
    for (std::size_t const size : {std::size_t{0}, std::size_t{5}, http_limits::body}) {
        one.send("POST /3 HTTP/1.1\r\nHost: a1\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
                 std::string(size, 'b'));
        EXPECT_THAT(one.head(), StartsWith("HTTP/1.1 200 OK\r\n")) << size;
        EXPECT_EQ(one.octets(3), "xxx");
    }
    one.send("POST /3 HTTP/1.1\r\nHost: a1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(one.head(), "HTTP/1.1 100 Continue\r\n\r\n");
    one.send("5\r\nhello\r\n0\r\n\r\n");
    EXPECT_THAT(one.head(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(http_session_test, the_older_version_closes_unless_it_is_asked_not_to)
{
    serve();
    auto one = client();
    one.send("GET /3 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(one.head(), HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_EQ(one.octets(3), "xxx");
    one.send("GET /3 HTTP/1.0\r\n\r\n");
    EXPECT_THAT(one.rest(), AllOf(HasSubstr("\r\nConnection: close\r\n"), EndsWith("\r\n\r\nxxx")));
}

TEST_F(http_session_test, requests_may_be_sent_ahead)
{
    serve();
    auto one = client();
    one.send(get("/1") + get("/2") + get("/3", "Connection: close\r\n"));
    EXPECT_THAT(one.rest(),
                testing::ContainsRegex("\r\n\r\nxHTTP/1.1 200(.|\r|\n)*\r\n\r\nxxHTTP/1.1 200(.|\r|\n)*\r\n\r\nxxx$"));
}

TEST_F(http_session_test, what_it_does_not_have_is_told)
{
    serve({.largest_body = 100});
    struct row {
        std::string request;
        char const* status;
    };
    for (auto const& [request, status] : {
             row{get("/101"), "400 Bad Request"},
             row{get("/?nonce=!"), "400 Bad Request"},
             row{get("/favicon.ico"), "404 Not Found"},
             row{get("http://a1/3"), "404 Not Found"},
             row{"DELETE / HTTP/1.1\r\nHost: a1\r\n\r\n", "405 Method Not Allowed"},
             row{"GET / HTTP/1.1\r\n\r\n", "400 Bad Request"},
             row{"GET / HTTP/1.1\r\nHost: a1\r\nHost: a2\r\n\r\n", "400 Bad Request"},
         }) {
        auto one = client();
        one.send(request);
        EXPECT_THAT(one.head(), StartsWith(std::string("HTTP/1.1 ") + status + "\r\n")) << request;
    }
}

TEST_F(http_session_test, what_breaks_the_rules_is_told_so_and_hung_up_on)
{
    serve();
    struct row {
        std::string request;
        char const* status;
    };
    auto const post = [](std::string const& fields) { return "POST / HTTP/1.1\r\nHost: a1\r\n" + fields + "\r\n"; };
    for (auto const& [request, status] : {
             row{"hello\r\n\r\n", "400 Bad Request"},
             row{"GET / HTTP/3.7\r\n\r\n", "400 Bad Request"},
             row{post("Content-Length: -1\r\n"), "400 Bad Request"},
             row{post("Content-Length: 1x\r\n"), "400 Bad Request"},
             row{post("Content-Length: 1\r\nContent-Length: 2\r\n"), "400 Bad Request"},
             row{post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "400 Bad Request"},
             row{post("Transfer-Encoding: chunked\r\n") + "zz\r\n", "400 Bad Request"},
             row{post("Content-Length: 99999999999\r\n"), "413 Content Too Large"},
             row{post("Transfer-Encoding: chunked\r\n") + "fffffff\r\n" + std::string(http_limits::body + 10'000, 'b'),
                 "413 Content Too Large"},
             row{get("/", "X: " + std::string(http_limits::header, 'a') + "\r\n"),
                 "431 Request Header Fields Too Large"},
         }) {
        auto one = client();
        one.send(request);
        EXPECT_THAT(one.rest(), StartsWith(std::string("HTTP/1.1 ") + status + "\r\n")) << request.substr(0, 100);
    }
}

TEST_F(http_session_test, who_is_silent_or_drips_is_cut_off)
{
    serve({.idle = 200ms, .head = 200ms, .received = 200ms, .sent = 200ms});
    auto silent = client();
    EXPECT_EQ(silent.rest(), "");
    auto once = client();
    once.send(get("/3"));
    EXPECT_THAT(once.rest(), EndsWith("xxx"));
    auto header = client();
    header.send("GET / HTTP/1.1\r\nHost: a1\r\nX: ");
    EXPECT_TRUE(hangs_up_on_drip(header, "a"));
    auto body = client();
    body.send("POST / HTTP/1.1\r\nHost: a1\r\nContent-Length: 60000\r\n\r\n");
    EXPECT_TRUE(hangs_up_on_drip(body, "a"));
    auto chunks = client();
    chunks.send("POST / HTTP/1.1\r\nHost: a1\r\nTransfer-Encoding: chunked\r\n\r\n");
    EXPECT_TRUE(hangs_up_on_drip(chunks, "1\r\na\r\n"));
}

TEST_F(http_session_test, who_promises_more_than_he_sends_gets_nothing)
{
    serve({.received = 200ms});
    auto one = client();
    one.send("POST / HTTP/1.1\r\nHost: a1\r\nContent-Length: 10\r\n\r\nshort");
    EXPECT_EQ(one.rest(), "");
}

TEST_F(http_session_test, who_sends_more_than_he_promised_gets_an_answer_and_a_refusal)
{
    serve();
    auto one = client();
    one.send("POST /3 HTTP/1.1\r\nHost: a1\r\nContent-Length: 2\r\n\r\nlonger than that\r\n\r\n");
    EXPECT_THAT(one.rest(),
                testing::ContainsRegex("^HTTP/1.1 200 OK(.|\r|\n)*\r\n\r\nxxxHTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(http_session_test, who_does_not_read_is_cut_off)
{
    serve({.largest_body = 1'020'048, .sent = 200ms});
    auto one = client();
    one.socket().set_option(asio::socket_base::receive_buffer_size(4'096));
    std::string many;
    for (int i = 0; i < 20; ++i) many += get("/1020048");
    one.send(many);
    EXPECT_TRUE(hangs_up_on_drip(one, get("/1")));
}

TEST_F(http_session_test, one_connection_has_so_many_requests)
{
    serve();
    auto one = client();
    for (unsigned i = 1; i <= http_limits::requests; ++i) {
        one.send(get("/1"));
        EXPECT_THAT(one.head(),
                    HasSubstr(i < http_limits::requests ? ": keep-alive\r\n" : "\r\nConnection: close\r\n"));
        EXPECT_EQ(one.octets(1), "x");
    }
    EXPECT_EQ(one.rest(), "");
}

TEST_F(http_session_test, what_was_sent_ahead_of_the_end_does_not_cost_the_last_answer)
{
    serve({.largest_body = 1'020'048});
    auto one = client();
    one.send(get("/1020048", "Connection: close\r\n") + std::string(20'000, 'x'));
    EXPECT_EQ(one.rest().size() / 1'020'048, 1U);
}

TEST_F(http_session_test, a_source_that_has_enough_connections_gets_no_more)
{
    serve({}, {.in_all = 100, .of_a_source = 2});
    auto first = client();
    first.send(get("/1"));
    EXPECT_THAT(first.head(), StartsWith("HTTP/1.1 200"));
    {
        auto second = client();
        second.send(get("/1"));
        EXPECT_THAT(second.head(), StartsWith("HTTP/1.1 200"));
        auto third = client();
        third.send(get("/1"));
        EXPECT_EQ(third.rest(), "");
    }
    for (int i = 0; i < 1'000; ++i) {  // until the server has seen that the second has gone
        auto again = client();
        if (again.send(get("/1")) && again.head().starts_with("HTTP/1.1 200")) return;
    }
    FAIL() << "there is no room again";
}

TEST_F(http_session_test, stopping_hangs_up_on_who_is_idle)
{
    serve();
    auto one = client();
    one.send(get("/1"));
    EXPECT_THAT(one.head(), StartsWith("HTTP/1.1 200"));
    stop();
    EXPECT_EQ(one.rest(), "x");
}

TEST_F(http_session_test, speaks_tls)
{
    auto pattern = (std::filesystem::temp_directory_path() / "tp-anchor-XXXXXX").string();
    std::filesystem::path const folder = ::mkdtemp(pattern.data());
    auto const files = self_made_certificate(folder, {"a1.example.net"}).value();
    serve({}, {}, open_tls(files).value());

    asio::io_context io;
    asio::ssl::context trust(asio::ssl::context::tls_client);
    trust.load_verify_file(files.certificate.string());
    asio::ssl::stream<asio::ip::tcp::socket> stream(io, trust);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.lowest_layer().connect(where_);
    stream.handshake(asio::ssl::stream_base::client);
    asio::write(stream, asio::buffer(get("/300", "Connection: close\r\n")));
    std::string got;
    error_code error;
    asio::read(stream, asio::dynamic_buffer(got), error);
    EXPECT_EQ(error, asio::error::eof);
    EXPECT_THAT(got, HasSubstr("\r\nContent-Length: 300\r\n"));
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace tp::anchor
