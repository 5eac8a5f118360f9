#include "api/http/server.hpp"

#include <gmock/gmock.h>

#include <boost/asio/steady_timer.hpp>
#include <future>

#include "tests/unit/api/server_fixture.hpp"

namespace tp::api::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using server_test = server_fixture;

std::string post(std::string const& body)
{
    return "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

constexpr auto get = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(server_test, answers_several_requests_on_one_connection)
{
    start({}, echo);
    raw_client client(where());
    for (auto const* body : {"one", "two", "three"}) {
        ASSERT_TRUE(client.send(post(body)));
        EXPECT_THAT(client.answer(), HasSubstr(std::string("\r\n\r\nPOST /x ") + body));
    }
    client.send(std::string(get) + "GET /y HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.answer(), HasSubstr("GET /x"));
    EXPECT_THAT(client.rest(), HasSubstr("GET /y"));
}

TEST_F(server_test, answers_head_without_a_body)
{
    start({}, echo);
    raw_client client(where());
    client.send("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    auto const answer = client.rest();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Length: 8\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(server_test, takes_request_lines_of_8_kilobytes)
{
    start({}, echo);
    raw_client client(where());
    client.send("GET /x?id__in=" + std::string(8'192, '1') + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 200 OK"));
}

TEST_F(server_test, refuses_a_large_header)
{
    start({}, echo);
    raw_client client(where());
    client.send("GET /x HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n");
    EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 431 "));
}

TEST_F(server_test, refuses_a_large_body_and_the_client_hears_of_it)
{
    start({}, echo);
    raw_client client(where());
    client.send(post(std::string(1024 * 1024 + 1, 'x')));
    EXPECT_THAT(client.rest(), AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("\"status\":413")));

    raw_client chunked(where());
    chunked.send("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::string const chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    for (int i = 0; i < 17 && chunked.send(chunk); ++i) {
    }
    EXPECT_THAT(chunked.rest(), StartsWith("HTTP/1.1 413 "));
}

TEST_F(server_test, answers_garbage_with_400)
{
    start({}, echo);
    for (auto const* text :
         {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", "GET\r\n\r\n", "GET /x HTTP/9.9\r\n\r\n",
          "GET /x HTTP/1.1\r\nno colon\r\n\r\n", "GET /x HTTP/1.1\r\n\r\n", "GET /x HTTP/1.1\r\nHost: a/b\"\r\n\r\n",
          "GET x HTTP/1.1\r\nHost: a\r\n\r\n", "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"}) {
        SCOPED_TRACE(text);
        raw_client client(where());
        client.send(text);
        EXPECT_THAT(client.rest(), StartsWith("HTTP/1.1 400 Bad Request"));
    }
}

TEST_F(server_test, hangs_up_on_a_slow_client)
{
    server::options options;
    options.limits.read = 200ms;
    start(std::move(options), echo);
    raw_client silent(where());
    EXPECT_EQ(silent.rest(), "");
    raw_client slow_head(where());
    slow_head.send("GET /x HT");
    EXPECT_EQ(slow_head.rest(), "");
    raw_client slow_body(where());
    slow_body.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    EXPECT_EQ(slow_body.rest(), "");
}

TEST_F(server_test, asks_for_the_body_when_the_client_waits)
{
    start({}, echo);
    raw_client client(where());
    client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 100 Continue"));
    client.send("abc");
    EXPECT_THAT(client.answer(), HasSubstr("POST /x abc"));
}

TEST_F(server_test, survives_a_handler_that_throws)
{
    start({}, [](request) -> asio::awaitable<response> {
        throw std::runtime_error("a bug");
        co_return response{};
    });
    raw_client client(where());
    client.send(get);
    EXPECT_THAT(client.answer(), AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("a bug"))));
    client.send(get);
    EXPECT_THAT(client.answer(), StartsWith("HTTP/1.1 500 "));
}

asio::awaitable<result<void>> count_to_three(body_writer& out)
{
    for (auto const* text : {"one", "two", "three"}) {
        auto const written = co_await out.write(text);
        if (!written) co_return written;
    }
    co_return result<void>();
}

asio::awaitable<result<void>> fail_in_the_middle(body_writer& out)
{
    auto const written = co_await out.write(std::string(100'000, 'x'));
    (void)written;
    co_return errc::unavailable;
}

asio::awaitable<result<void>> fail_at_once(body_writer& out)
{
    auto const written = co_await out.write("[");
    (void)written;
    co_return errc::unavailable;
}

asio::awaitable<response> streamed(request given)
{
    response out;
    out.stream = given.path == "/fail" ? fail_in_the_middle : given.path == "/early" ? fail_at_once : count_to_three;
    co_return out;
}

TEST_F(server_test, streams_in_chunks)
{
    start({}, streamed);
    raw_client client(where());
    client.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    auto const answer = client.rest();
    EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"));
}

TEST_F(server_test, streams_plainly_to_http_1_0)
{
    start({}, streamed);
    raw_client client(where());
    client.send("GET /x HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
    auto const answer = client.rest();
    EXPECT_THAT(answer, Not(HasSubstr("chunked")));
    EXPECT_TRUE(answer.ends_with("\r\n\r\nonetwothree"));
}

TEST_F(server_test, shows_that_a_stream_broke)
{
    start({}, streamed);
    raw_client client(where());
    client.send("GET /fail HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(client.rest(), AllOf(StartsWith("HTTP/1.1 200 OK"), Not(HasSubstr("\r\n0\r\n\r\n"))));
}

TEST_F(server_test, tells_an_error_that_comes_before_the_first_octet)
{
    start({}, streamed);
    raw_client client(where());
    client.send("GET /early HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(client.answer(), AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1")));
}

/// How often the producer got to write; read by the test when the server has ended.
std::size_t pieces_written = 0;

asio::awaitable<result<void>> write_for_ever(body_writer& out)
{
    for (;;) {
        auto const written = co_await out.write(std::string(64 * 1024, 'x'));
        if (!written) co_return written;
        ++pieces_written;
    }
}

TEST_F(server_test, goes_no_faster_than_the_client_reads)
{
    server::options options;
    options.limits.write = 500ms;
    pieces_written = 0;
    start(std::move(options), [](request) -> asio::awaitable<response> {
        response out;
        out.stream = write_for_ever;
        co_return out;
    });
    raw_client client(where());
    client.send(get);
    char first = 0;
    asio::read(client.socket(), asio::buffer(&first, 1));
    stop();                             // returns because the write limit, or the limit of stopping, ends the answer
    EXPECT_LT(pieces_written, 1'000U);  // what fits into socket buffers: some megabytes at most
}

TEST_F(server_test, bounds_the_connections_of_an_address)
{
    server::options options;
    options.connections_of_an_address = 2;
    start(std::move(options), echo);
    raw_client first(where());
    raw_client second(where());
    first.send(get);
    second.send(get);
    EXPECT_THAT(first.answer(), HasSubstr("200 OK"));
    EXPECT_THAT(second.answer(), HasSubstr("200 OK"));
    raw_client third(where());
    EXPECT_EQ(third.rest(), "");

    second.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    second.rest();
    second.socket().close();
    for (auto const until = std::chrono::steady_clock::now() + 20s;;) {  // its end is noticed a moment later
        raw_client next(where());
        next.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        if (next.rest().find("200 OK") != std::string::npos) break;
        ASSERT_LT(std::chrono::steady_clock::now(), until);
    }
}

/// Set by the handler below once it works on a request.
std::promise<void>* begun = nullptr;

TEST_F(server_test, finishes_the_answer_under_way_when_stopped)
{
    std::promise<void> working;
    begun = &working;
    start({}, [](request given) -> asio::awaitable<response> {
        begun->set_value();
        co_await pause_for(300ms);
        co_return co_await echo(std::move(given));
    });
    raw_client idle(where());
    raw_client busy(where());
    busy.send(get);
    ASSERT_EQ(working.get_future().wait_for(20s), std::future_status::ready);
    asio::post(io_, [this] { server_->stop(); });
    EXPECT_EQ(idle.rest(), "");
    EXPECT_THAT(busy.rest(), AllOf(HasSubstr("GET /x"), HasSubstr("Connection: close")));
    stop();
}

}  // namespace
}  // namespace tp::api::http
