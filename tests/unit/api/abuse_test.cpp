#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "store/measurements.hpp"
#include "tests/unit/api/service_fixture.hpp"

namespace tp::api {
namespace {

using verb = http::method;
using testing::HasSubstr;
using tcp = asio::ip::tcp;
using udp = asio::ip::udp;

/// Answers every question with the same octets.
class page_server {
public:
    explicit page_server(asio::io_context& io) : acceptor_(io, {asio::ip::address_v4::loopback(), 0})
    {
        asio::co_spawn(io, serve(*this), expect_cancelled);
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    void say(std::string status, std::string body, std::string headers = "")
    {
        answer_ = "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
                  "\r\nConnection: close\r\n\r\n" + body;
    }
    std::string asked;

private:
    static asio::awaitable<void> serve(page_server& self)
    {
        for (;;) {
            auto [error, socket] = co_await self.acceptor_.async_accept(as_values);
            if (error) co_return;
            self.asked.clear();
            co_await asio::async_read_until(socket, asio::dynamic_buffer(self.asked), "\r\n\r\n", as_values);
            co_await asio::async_write(socket, asio::buffer(self.answer_), as_values);
        }
    }
    tcp::acceptor acceptor_;
    std::string answer_;
};

/// Knows one name, with one text.
class text_server {
public:
    explicit text_server(asio::io_context& io) : socket_(io, {asio::ip::address_v4::loopback(), 0})
    {
        asio::co_spawn(io, serve(*this), expect_cancelled);
    }
    udp::endpoint endpoint() const { return socket_.local_endpoint(); }
    std::string name, text;

private:
    std::string name_on_wire() const
    {
        std::string out, rest = name + '.';
        for (std::size_t dot = 0; (dot = rest.find('.')) != std::string::npos; rest.erase(0, dot + 1))
            out += static_cast<char>(dot) + rest.substr(0, dot);
        return out + '\0';
    }
    std::string answer_to(std::string question) const
    {
        bool const known = !text.empty() && question.find(name_on_wire()) == 12;
        question[2] = static_cast<char>(0x81);
        question[3] = static_cast<char>(known ? 0x80 : 0x83);
        question[11] = 0;  // no additional records come back
        auto const end = question.find('\0', 12) + 5;
        question.resize(end);
        if (!known) return question;
        question[7] = 1;
        question += std::string("\xc0\x0c\0\x10\0\x01\0\0\0\0\0", 11) + static_cast<char>(text.size() + 1) +
                    static_cast<char>(text.size()) + text;
        return question;
    }
    static asio::awaitable<void> serve(text_server& self)
    {
        for (;;) {
            std::string octets(1500, '\0');
            udp::endpoint from;
            auto const [error, count] = co_await self.socket_.async_receive_from(asio::buffer(octets), from, as_values);
            if (error) co_return;
            octets.resize(count);
            auto const said = self.answer_to(octets);
            co_await self.socket_.async_send_to(asio::buffer(said), from, as_values);
        }
    }
    udp::socket socket_;
};

class abuse_api_test : public service_fixture {
protected:
    abuse_api_test()
        : pages_(io_),
          texts_(io_),
          lab_(io_, api_database_, lab_limits(), trusted(), {pages_.port(), texts_.endpoint()})
    {
        pages_.say("404 Not Found", "");
    }

    http::response say(verb how, std::string const& path, std::string body = "", std::string const& key = "",
                       char const* peer = "198.51.100.7")
    {
        http::request out;
        out.verb = how;
        auto const question = path.find('?');
        out.path = "/api/v2/" + path.substr(0, question);
        if (question != std::string::npos) out.query = http::parse_query(std::string_view(path).substr(question + 1));
        out.host = "api.example:7480";
        if (!key.empty()) out.authorization = "Key " + key;
        out.body = std::move(body);
        out.peer = parse_address(peer).value();
        return call(lab_.answer_request(std::move(out)));
    }
    http::response claim(std::string const& target, char const* peer = "198.51.100.7")
    {
        return say(verb::post, "abuse/", R"({"target":")" + target + R"(","contact":"noc@example.net","text":"stop"})",
                   "", peer);
    }
    /// Number and token of a case.
    std::pair<std::string, std::string> open(std::string const& target)
    {
        auto const made = expect(201, claim(target));
        return {std::to_string(made.at("id").as_int64()), std::string(made.at("proof").at("token").as_string())};
    }
    http::response verify(std::pair<std::string, std::string> const& one)
    {
        return say(verb::post, "abuse/" + one.first + "/verify/", R"({"token":")" + one.second + R"("})");
    }
    http::response measure(std::string const& target)
    {
        return say(verb::post, "measurements/",
                   R"({"definitions":[{"type":"ping","af":4,"target":")" + target +
                       R"(","description":"x","interval":60}],"probes":[{"type":"area","value":"WW","requested":1}]})",
                   admin_);
    }
    std::string complaint(http::response const& answered)
    {
        auto const answer = expect(400, answered);
        return std::string(answer.at("error").at("errors").at(0).at("detail").as_string());
    }

    page_server pages_;
    text_server texts_;
    service lab_;
};

TEST_F(abuse_api_test, anybody_may_open_a_case_and_is_told_how_to_prove_it)
{
    auto const made = expect(201, claim("127.0.0.1"));
    EXPECT_EQ(made.at("state"), "claimed");
    auto const& ways = made.at("proof").at("one_of");
    EXPECT_EQ(ways.at(0).at("url"), "http://127.0.0.1/.well-known/trigpoint-abuse");
    EXPECT_EQ(ways.at(1).at("record"), "1.0.0.127.in-addr.arpa");
    EXPECT_THAT(std::string(made.at("verify").as_string()), HasSubstr("/api/v2/abuse/1/verify/"));
}

TEST_F(abuse_api_test, a_page_with_the_token_pauses_measurements_and_refuses_new_ones)
{
    auto const probe = connected_probe();
    auto const running = expect(201, measure("127.0.0.1")).at("measurements").at(0).as_int64();
    EXPECT_EQ(get(store::jobs_of(db_, probe)).size(), 1U);
    auto const one = open("127.0.0.1");
    auto const refused = expect(200, verify(one));
    EXPECT_EQ(refused.at("state"), "claimed");
    EXPECT_EQ(refused.at("tried").as_array().size(), 2U);
    EXPECT_EQ(get(store::jobs_of(db_, probe)).size(), 1U);

    pages_.say("200 OK", one.second + "\n");
    auto const proved = expect(200, verify(one));
    EXPECT_EQ(proved.at("state"), "blocked, to be decided");
    EXPECT_EQ(proved.at("proved_by"), "http");
    EXPECT_THAT(pages_.asked, HasSubstr("Host: 127.0.0.1"));
    EXPECT_TRUE(get(store::jobs_of(db_, probe)).empty());
    EXPECT_THAT(complaint(measure("127.0.0.1")), HasSubstr("abuse case " + one.first));
    auto const shown = expect(200, say(verb::get, "measurements/" + std::to_string(running) + '/'));
    EXPECT_EQ(shown.at("paused_by_abuse_case"), std::stoi(one.first));
}

TEST_F(abuse_api_test, a_text_in_the_reverse_zone_proves_a_prefix)
{
    auto const one = open("127.0.0.0/24");
    pages_.say("200 OK", one.second);
    EXPECT_EQ(expect(200, verify(one)).at("state"), "claimed");
    texts_.name = "0.0.127.in-addr.arpa";
    texts_.text = "trigpoint-abuse=other";
    EXPECT_EQ(expect(200, verify(one)).at("state"), "claimed");
    texts_.text = "trigpoint-abuse=" + one.second;
    auto const proved = expect(200, verify(one));
    EXPECT_EQ(proved.at("proved_by"), "dns");
    EXPECT_THAT(complaint(measure("127.0.0.99")), HasSubstr("abuse case " + one.first));
}

TEST_F(abuse_api_test, a_redirection_a_long_page_and_another_text_prove_nothing)
{
    auto const one = open("127.0.0.1");
    pages_.say("302 Found", one.second, "Location: http://127.0.0.1/x\r\n");
    EXPECT_EQ(expect(200, verify(one)).at("state"), "claimed");
    pages_.say("200 OK", std::string(9'000, 'x') + '\n' + one.second);
    EXPECT_EQ(expect(200, verify(one)).at("state"), "claimed");
    pages_.say("200 OK", one.second + "x");
    EXPECT_THAT(std::string(expect(200, verify(one)).at("tried").at(0).as_string()), HasSubstr("another text"));
}

TEST_F(abuse_api_test, only_the_token_opens_a_case_to_its_claimant)
{
    auto const one = open("127.0.0.1");
    expect(404, verify({one.first, "wrong"}));
    expect(404, verify({"4711", one.second}));
    expect(404, say(verb::get, "abuse/" + one.first + "/?token=wrong"));
    expect(403, say(verb::get, "abuse/" + one.first + '/'));
    auto const seen = expect(200, say(verb::get, "abuse/" + one.first + "/?token=" + one.second));
    EXPECT_FALSE(seen.as_object().contains("contact"));
}

TEST_F(abuse_api_test, operators_see_and_decide)
{
    auto const one = open("127.0.0.1");
    expect(403, say(verb::get, "abuse/"));
    expect(403, say(verb::get, "abuse/", "", user_));
    auto const list = expect(200, say(verb::get, "abuse/?undecided=true", "", admin_));
    EXPECT_EQ(list.at("results").at(0).at("contact"), "noc@example.net");
    EXPECT_FALSE(list.at("results").at(0).as_object().contains("token"));
    auto const decision = [&](char const* word, std::string const& key) {
        return say(verb::post, "abuse/" + one.first + "/decision/",
                   R"({"decision":")" + std::string(word) + R"(","reason":"by telephone"})", key);
    };
    expect(403, decision("keep-blocked", ""));
    expect(403, decision("keep-blocked", user_));
    expect(400, decision("maybe", admin_));
    EXPECT_EQ(expect(200, decision("keep-blocked", admin_)).at("state"), "kept blocked");
    EXPECT_THAT(complaint(measure("127.0.0.1")), HasSubstr("abuse case " + one.first));
    EXPECT_EQ(expect(200, decision("reopen", admin_)).at("state"), "reopened");
    connected_probe();
    expect(201, measure("127.0.0.1"));
    EXPECT_EQ(expect(200, say(verb::get, "abuse/?undecided=true", "", admin_)).at("count"), 0);
}

TEST_F(abuse_api_test, claims_are_limited_by_source)
{
    for (int i = 0; i < 10; ++i) expect(201, claim("127.0.0.1", "2001:db8::1"));
    auto const refused = claim("127.0.0.1", "2001:db8::2");
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(claim("127.0.0.1", "2001:db8:0:1::1").status, 201U);
}

TEST_F(abuse_api_test, targets_take_no_more_than_the_fleet_may_send)
{
    connected_probe();
    auto limits = lab_limits();
    limits.of_targets = {0.04, 100};
    service strict(io_, api_database_, limits, trusted());
    http::request out;
    out.verb = verb::post;
    out.path = "/api/v2/measurements/";
    out.authorization = "Key " + admin_;
    out.body = R"({"definitions":[{"type":"ping","af":4,"target":"127.0.0.1","description":"x","interval":60}],)"
               R"("probes":[{"type":"area","value":"WW","requested":1}]})";
    auto const words = complaint(call(strict.answer_request(std::move(out))));
    EXPECT_THAT(words, HasSubstr("at most 0.0 packets a second towards 127.0.0.1"));
}

}  // namespace
}  // namespace tp::api
