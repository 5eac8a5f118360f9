#include "probe/measure/http/answer.hpp"

#include <gtest/gtest.h>

#include "probe/measure/http/request.hpp"

namespace tp::probe {
namespace {

using phase = http_answer::phase;

constexpr http_answer::wanted usual{.method = proto::http_method::get, .body_bytes = 100, .header_bytes = 0};

http_answer fed(std::string_view octets, http_answer::wanted what = usual)
{
    http_answer out(what);
    out.feed(octets);
    return out;
}

http_answer fed_singly(std::string_view octets, http_answer::wanted what = usual)
{
    http_answer out(what);
    for (auto const& one : octets) out.feed({&one, 1});
    return out;
}

struct expected {
    std::string_view octets;
    phase at;
    unsigned code;
    std::size_t head, body;
    bool truncated = false;
};

void expect(http_answer const& got, expected const& wanted)
{
    EXPECT_EQ(got.at(), wanted.at) << got.complaint();
    EXPECT_EQ(got.status().code, wanted.code);
    EXPECT_EQ(got.header_size(), wanted.head);
    EXPECT_EQ(got.body_size(), wanted.body);
    EXPECT_EQ(got.truncated(), wanted.truncated);
}

/// The same, whether it comes at once or octet by octet.
void expect_all(std::vector<expected> const& table, http_answer::wanted what = usual)
{
    for (auto const& row : table) {
        SCOPED_TRACE(row.octets.substr(0, 200));
        expect(fed(row.octets, what), row);
        expect(fed_singly(row.octets, what), row);
    }
}

TEST(http_answer, ends_where_its_length_says)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", phase::done, 200, 19, 5},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more", phase::done, 200, 19, 5},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", phase::done, 200, 19, 0},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", phase::body, 200, 19, 4},
        {"HTTP/1.1 200 OK\nCONTENT-LENGTH:5\n\nhello", phase::done, 200, 17, 5},
        {"HTTP/1.1 200 OK\r\nContent-Length : 5 \r\n\r\nhello", phase::done, 200, 21, 5},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", phase::done, 200, 38, 5},
        {"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello", phase::done, 200, 22, 5},
        {"HTTP/1.0 404 \r\nContent-Length: 1\r\n\r\nx", phase::done, 404, 19, 1},
        {"http/1.1 302\r\nLocation: http://other.example/\r\nContent-Length: 0\r\n\r\n", phase::done, 302, 52, 0},
    });
}

TEST(http_answer, without_a_length_goes_on_until_the_end)
{
    auto got = fed("HTTP/1.0 200 OK\r\nServer: x\r\n\r\nhello");
    EXPECT_EQ(got.at(), phase::body);
    got.feed(" you");
    got.end();
    EXPECT_EQ(got.at(), phase::done);
    EXPECT_EQ(got.body_size(), 9U);
    EXPECT_FALSE(got.truncated());
}

TEST(http_answer, has_no_body_when_the_code_or_the_method_says_so)
{
    constexpr http_answer::wanted head{.method = proto::http_method::head, .body_bytes = 100, .header_bytes = 0};
    expect_all({{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nliar!", phase::done, 200, 19, 0}}, head);
    expect_all({
        {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", phase::done, 204, 19, 0},
        {"HTTP/1.1 304 Not Modified\r\n\r\n", phase::done, 304, 0, 0},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", phase::done, 101, 14, 0},
    });
}

TEST(http_answer, passes_interim_answers_over)
{
    expect_all({
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", phase::done, 200, 19, 1},
        {"HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc", phase::body, 200, 0, 3},
        {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204\r\n\r\n", phase::done,
         204, 0, 0},
        {"HTTP/1.1 100 Continue\r\n\r\n", phase::status, 0, 0, 0},
    });
}

TEST(http_answer, reads_chunks)
{
    constexpr std::string_view head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    struct row {
        std::string_view body;
        phase at;
        std::size_t size;
        bool truncated = false;
    };
    for (auto const& [body, at, size, truncated] : {
             row{"5\r\nhello\r\n0\r\n\r\n", phase::done, 5},
             row{"5\nhello\n0\n\n", phase::done, 5},
             row{"5;name=value;other=\"x\"\r\nhello\r\nA ;x\r\n0123456789\r\n0\r\n\r\n", phase::done, 15},
             row{"005\r\nhello\r\n000\r\nTrailer: x\r\nAnother: y\r\n\r\n", phase::done, 5},
             row{"5\r\nhello\r\n0\r\nTrailer: x\r\n", phase::chunk, 5},
             row{"5\r\nhel", phase::chunk, 3},
             row{"5\r\nhello\r\n", phase::chunk, 5},
             row{"", phase::chunk, 0},
             row{"64\r\n", phase::chunk, 0},
             row{"FFFFFFFFFFFFFFFF\r\nhello", phase::chunk, 5},
             row{"5\r\nhelloX\r\n", phase::failed, 5},
             row{"x\r\nhello", phase::failed, 0},
             row{"\r\n5\r\nhello", phase::failed, 0},
             row{"-1\r\n", phase::failed, 0},
             row{"0x5\r\nhello\r\n", phase::failed, 0},
             row{"5 6\r\nhello\r\n", phase::failed, 0},
             row{"5\rhello\r\n0\r\n\r\n", phase::failed, 0},
             row{"10000000000000000\r\n", phase::failed, 0},
         }) {
        SCOPED_TRACE(body);
        auto const whole = std::string(head) + std::string(body);
        expect_all({{whole, at, 200, 28, size, truncated}});
    }
}

TEST(http_answer, a_transfer_coding_makes_the_length_void)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
         phase::done, 200, 53, 5},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
         phase::done, 200, 47, 5},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: gzip\r\n\r\nhello", phase::body, 200, 44, 5},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: identity\r\n\r\nhello", phase::done, 200, 48, 2},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: notchunked\r\n\r\nhello", phase::body, 200, 31, 5},
    });
}

TEST(http_answer, lines_may_be_folded)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nContent-Length:\r\n 5\r\n\r\nhello", phase::done, 200, 21, 5},
        {"HTTP/1.1 200 OK\r\nX: a\r\n\tContent-Length: 9\r\nContent-Length: 5\r\n\r\nhello", phase::done, 200, 45, 5},
        {"HTTP/1.1 200 OK\r\n Content-Length: 9\r\nContent-Length: 5\r\n\r\nhello", phase::done, 200, 39, 5},
    });
}

TEST(http_answer, odd_lines_are_no_reason_to_stop)
{
    expect_all({
        {"HTTP/1.1 200 OK\r\nno colon at all\r\nContent-Length: 1\r\n\r\nx", phase::done, 200, 36, 1},
        {"HTTP/1.1 200 OK\r\n: no name\r\nContent-Length: 1\r\n\r\nx", phase::done, 200, 30, 1},
        {"HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 1\r\n\r\nx", phase::done, 200, 27, 1},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\r\n\r\nx", phase::done, 200, 22, 1},
        {"HTTP/3.0 200 \xff\r\nContent-Length: 1\r\n\r\nx", phase::done, 200, 19, 1},
    });
}

TEST(http_answer, says_what_is_wrong)
{
    struct row {
        std::string octets;
        std::string_view complaint;
    };
    using namespace std::string_literals;
    for (auto const& [octets, complaint] : {
             row{"SSH-2.0-OpenSSH\r\n", "bad status line: bad prefix"},
             row{"\r\n", "bad status line: bad prefix"},
             row{"HTTP/\r\n", "bad status line: bad major"},
             row{"HTTP/x.1 200\r\n", "bad status line: bad major"},
             row{"HTTP/2 200\r\n", "bad status line: bad major"},
             row{"HTTP/99999999999.1 200\r\n", "bad status line: bad major"},
             row{"HTTP/1.x 200\r\n", "bad status line: bad minor"},
             row{"HTTP/1.1\r\n", "bad status line: bad minor"},
             row{"HTTP/1.1200\r\n", "bad status line: bad minor"},
             row{"HTTP/1.1 OK\r\n", "bad status line: bad status code"},
             row{"HTTP/1.1  \r\n", "bad status line: bad status code"},
             row{"HTTP/1.1 20\r\n", "bad status line: bad status code"},
             row{"HTTP/1.1 2000\r\n", "bad status line: bad status code"},
             row{"HTTP/1.1 -200\r\n", "bad status line: bad status code"},
             row{"HTTP/1.1 200OK\r\n", "bad status line: bad status code"},
             row{"HTTP/1.1 20\0 OK\r\n"s, "bad status line: contains nul"},
             row{"HTTP/1.1 200 OK\r\nA: \0b\r\n"s, "bad header line: contains nul"},
             row{"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "bad header line: malformed content-length"},
             row{"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "bad header line: malformed content-length"},
             row{"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "bad header line: malformed content-length"},
             row{"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", "bad header line: malformed content-length"},
             row{"HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n\r\n", "bad header line: malformed content-length"},
             row{"HTTP/1.1 200 OK\r\nContent-Length: 1,\r\n\r\n", "bad header line: malformed content-length"},
             row{"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n",
                 "bad header line: malformed content-length"},
             row{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                 "bad header line: conflicting content-length"},
             row{"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\nServer: x\r\n",
                 "bad header line: conflicting content-length"},
             row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "bad chunk line: not a number"},
             row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
                 "bad chunk line: garbage at the end of chunk"},
             row{std::string(http_answer::longest_line + 1, 'x'), "line too long"},
             row{std::string(http_answer::longest_line, 'x') + "\n", "line too long"},
             row{"HTTP/1.1 200 OK\r\nA:" + std::string(http_answer::longest_line, 'x'), "line too long"},
         }) {
        SCOPED_TRACE(octets.substr(0, 100));
        for (auto const& got : {fed(octets), fed_singly(octets)}) {
            EXPECT_EQ(got.at(), phase::failed);
            EXPECT_EQ(got.complaint(), complaint);
        }
    }
}

TEST(http_answer, an_early_end_is_told_by_where_it_came)
{
    struct row {
        std::string_view octets, complaint;
    };
    for (auto const& [octets, complaint] : {
             row{"", "error reading status: closed by the other side"},
             row{"HTTP/1.1 200 O", "error reading status: closed by the other side"},
             row{"HTTP/1.1 200 OK\r\n", "error reading headers: closed by the other side"},
             row{"HTTP/1.1 200 OK\r\nServer: x\r\n", "error reading headers: closed by the other side"},
             row{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "error reading body: closed by the other side"},
             row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
                 "error reading chunk: closed by the other side"},
         }) {
        SCOPED_TRACE(octets);
        auto got = fed(octets);
        got.end();
        EXPECT_EQ(got.complaint(), complaint);
        EXPECT_TRUE(got.over());
    }
}

TEST(http_answer, no_more_of_a_body_is_read_than_wanted)
{
    auto const hundred = std::string(100, 'x');
    auto const chunked = std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" + hundred + "\r\n");
    auto const endless = "HTTP/1.1 200 OK\r\n\r\n" + hundred;
    expect_all({
        {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + hundred, phase::done, 200, 21, 100, false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n" + hundred, phase::done, 200, 21, 100, true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n" + hundred, phase::done, 200, 38, 100, true},
        {endless, phase::body, 200, 0, 100, false},
        {endless + "y", phase::done, 200, 0, 100, true},
        {chunked, phase::chunk, 200, 28, 100, false},
        {chunked + "0\r\n\r\n", phase::done, 200, 28, 100, false},
        {chunked + "1\r\n", phase::done, 200, 28, 100, true},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" + hundred, phase::done, 200, 28, 100, true},
    });
}

TEST(http_answer, floods_end)
{
    for (std::string_view const line : {"A: b\r\n", "HTTP/1.1 100 Continue\r\n\r\n", " folded\r\n"}) {
        SCOPED_TRACE(line);
        http_answer got(usual);
        if (line[0] != 'H') got.feed("HTTP/1.1 200 OK\r\nX: y\r\n");
        std::size_t sent = 0;
        while (!got.over() && sent < 2 * http_answer::largest_head) {
            got.feed(line);
            sent += line.size();
        }
        EXPECT_EQ(got.at(), phase::failed);
        EXPECT_LE(sent, http_answer::largest_head + http_answer::longest_line);
    }
}

TEST(http_answer, chunks_that_are_mostly_extension_end)
{
    auto const line = "1;" + std::string(4000, 'x') + "\r\ny\r\n";
    http_answer got({.method = proto::http_method::get, .body_bytes = 1'000'000, .header_bytes = 0});
    got.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::size_t sent = 0;
    for (; !got.over() && sent < 1'000'000; sent += line.size()) got.feed(line);
    EXPECT_EQ(got.complaint(), "too many octets beside the body");
    http_answer small({.method = proto::http_method::get, .body_bytes = 1'000'000, .header_bytes = 0});
    small.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 100'000; ++i) small.feed("1\r\ny\r\n");
    small.feed("0\r\n\r\n");
    EXPECT_EQ(small.at(), phase::done) << small.complaint();
    EXPECT_EQ(small.body_size(), 100'000U);
}

TEST(http_answer, keeps_as_many_octets_of_header_lines_as_wanted)
{
    struct row {
        std::size_t octets;
        std::vector<std::string> lines;
    };
    for (auto const& [octets, lines] : {
             row{0, {}},
             row{1, {"S[...]"}},
             row{9, {"Server: x[...]"}},
             row{10, {"Server: x", "B[...]"}},
             row{14, {"Server: x", "Bee: [...]"}},
             row{16, {"Server: x", "Bee: 12[...]"}},
             row{17, {"Server: x", "Bee: 12", ""}},
             row{2048, {"Server: x", "Bee: 12", ""}},
         }) {
        SCOPED_TRACE(octets);
        auto const got = fed("HTTP/1.1 100 Continue\r\nNot: me\r\n\r\nHTTP/1.1 200 OK\r\nServer: x\r\nBee: 12\r\n\r\n",
                             {.method = proto::http_method::get, .body_bytes = 1, .header_bytes = octets});
        EXPECT_EQ(got.headers(), lines);
    }
}

TEST(http_request, is_what_the_options_say)
{
    proto::http_options told;
    EXPECT_EQ(request_for(told, "anchor.example"),
              "GET / HTTP/1.1\r\nHost: anchor.example\r\nConnection: close\r\nUser-Agent: Trigpoint\r\n\r\n");
    told.method = proto::http_method::post;
    told.version_1_0 = true;
    told.path = "/4096";
    told.query_string = "a=b&c";
    told.port = 8080;
    EXPECT_EQ(request_for(told, "2001:db8::1"),
              "POST /4096?a=b&c HTTP/1.0\r\nHost: [2001:db8::1]:8080\r\nConnection: close\r\nUser-Agent: Trigpoint\r\n"
              "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(uri_of(told, "2001:db8::1"), "http://[2001:db8::1]:8080/4096?a=b&c");
    told.port = 443;
    told.query_string.clear();
    EXPECT_EQ(uri_of(told, "anchor.example"), "https://anchor.example/4096");
}

TEST(http_request, nobody_can_smuggle_a_line_or_another_form_of_target_into_it)
{
    proto::http_options told;
    told.method = proto::http_method::head;
    told.path = "http://elsewhere.example/ \r\nX: y";
    told.query_string = "q\nr\x80";
    told.user_agent = "me\r\n\r\nGET /secret HTTP/1.1\0";
    EXPECT_EQ(request_for(told, "an\r\nchor"),
              "HEAD /http://elsewhere.example/X:y?qr HTTP/1.1\r\nHost: anchor\r\nConnection: close\r\n"
              "User-Agent: meGET /secret HTTP/1.1\r\n\r\n");
}

}  // namespace
}  // namespace tp::probe
