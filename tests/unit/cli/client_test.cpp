#include "api/cli/client.hpp"

#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <thread>

namespace tp::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

TEST(api_url, reads_its_parts)
{
    struct row {
        char const* url;
        bool tls;
        char const *host, *port, *prefix;
    };
    for (auto const& [url, tls, host, port, prefix] : {
             row{"http://localhost:7480", false, "localhost", "7480", ""},
             row{"https://api.example.net/", true, "api.example.net", "443", ""},
             row{"http://[2001:db8::1]:80/atlas/", false, "2001:db8::1", "80", "/atlas"},
         }) {
        SCOPED_TRACE(url);
        auto const place = parse_api_url(url);
        ASSERT_TRUE(place);
        EXPECT_EQ(place->tls, tls);
        EXPECT_EQ(place->host, host);
        EXPECT_EQ(place->port, port);
        EXPECT_EQ(place->prefix, prefix);
    }
}

TEST(api_url, refuses_what_it_cannot_dial)
{
    for (auto const* url : {"", "localhost:7480", "ftp://a", "http://", "http://a:0", "http://a:99999", "http://u@a/",
                            "http://a/?q", "http://a b/"})
        EXPECT_FALSE(parse_api_url(url)) << url;
}

TEST(explain, names_the_field_of_each_fault)
{
    EXPECT_EQ(
        explain({400, R"({"error": {"status": 400, "code": 102, "title": "Bad Request", "detail": "There were ...",
                  "errors": [{"source": {"pointer": "/definitions/0/af"}, "detail": "This field is required."},
                             {"source": {"pointer": "/probes/1/value"}, "detail": "Not covered."},
                             {"source": {"pointer": ""}, "detail": "Too many."},
                             {"source": {"pointer": "/definitions/0/target"}, "detail": "target: Cannot be resolved"},
                             {"source": {"parameter": "page_size"}, "detail": "Not a number."}]}})"}),
        "af: This field is required.\nprobes 2: value: Not covered.\nToo many.\ntarget: Cannot be resolved\npage_size: "
        "Not a number.");
}

TEST(explain, falls_back_on_what_is_there)
{
    EXPECT_EQ(explain({403, R"({"error": {"status": 403, "detail": "The provided API key does not exist"}})"}),
              "The provided API key does not exist");
    EXPECT_EQ(explain({404, R"({"status": 404, "title": "Not Found", "detail": "Not found.", "errors": []})"}),
              "Not found.");
    EXPECT_EQ(explain({500, R"({"error": {"title": "Oh"}})"}), "HTTP 500 Oh");
    EXPECT_EQ(explain({502, "<html>"}), "HTTP 502");
    EXPECT_EQ(explain({400, R"({"error": {"errors": [7, {}], "detail": "a\u001bb"}})"}), "a?b");
}

/// Answers one connection with a fixed text, and keeps what was asked.
class one_answer {
public:
    explicit one_answer(std::string answer)
        : thread_([this, answer = std::move(answer)] {
              auto socket = acceptor_.accept();
              asio::read_until(socket, asio::dynamic_buffer(asked_), "\r\n\r\n");
              asio::write(socket, asio::buffer(answer));
          })
    {
    }
    ~one_answer() { join(); }
    api_place place() const
    {
        return {false, "127.0.0.1", std::to_string(acceptor_.local_endpoint().port()), "/atlas"};
    }
    std::string const& asked()
    {
        join();
        return asked_;
    }

private:
    void join()
    {
        if (thread_.joinable()) thread_.join();
    }
    asio::io_context io_;
    tcp::acceptor acceptor_{io_, {asio::ip::address_v4::loopback(), 0}};
    std::string asked_;
    std::thread thread_;
};

TEST(api_client, sends_the_key_and_reads_the_answer)
{
    one_answer server("HTTP/1.1 201 Created\r\nContent-Length: 8\r\n\r\n{\"id\":7}");
    api_client const client({server.place(), "my-key", ""});
    auto const reply = client.send("POST", "probes/?a=b", "{}");
    ASSERT_TRUE(reply) << reply.error().message();
    EXPECT_EQ(reply->status, 201U);
    EXPECT_EQ(reply->body, "{\"id\":7}");
    EXPECT_TRUE(reply->good());
    EXPECT_THAT(server.asked(), testing::StartsWith("POST /atlas/api/v2/probes/?a=b HTTP/1.1\r\n"));
    EXPECT_THAT(server.asked(), testing::HasSubstr("Authorization: Key my-key\r\n"));
    EXPECT_THAT(server.asked(), testing::HasSubstr("Content-Length: 2\r\n"));
}

TEST(api_client, reads_an_answer_that_comes_in_chunks)
{
    one_answer server("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n3\r\n,2]\r\n0\r\n\r\n");
    auto const reply = api_client({server.place(), "", ""}).send("GET", "x/");
    ASSERT_TRUE(reply) << reply.error().message();
    EXPECT_EQ(reply->body, "[1,2]");
    EXPECT_THAT(server.asked(), testing::Not(testing::HasSubstr("Authorization")));
}

TEST(api_client, tells_when_nobody_is_there_and_when_the_answer_breaks_off)
{
    {
        one_answer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        EXPECT_FALSE(api_client({server.place(), "", ""}).send("GET", "x/"));
    }
    asio::io_context io;
    tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    api_place const nobody{false, "127.0.0.1", std::to_string(acceptor.local_endpoint().port()), ""};
    acceptor.close();
    EXPECT_EQ(api_client({nobody, "", ""}).send("GET", "x/").error(), asio::error::connection_refused);
}

}  // namespace
}  // namespace tp::cli
