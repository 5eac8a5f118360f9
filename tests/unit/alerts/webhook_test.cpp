#include "registry/alerts/webhook.hpp"

#include <gmock/gmock.h>

namespace tp::registry {
namespace {

using namespace std::chrono_literals;
using kind = store::delivery_outcome::kind;
using testing::Contains;
using testing::Pair;

wall_time const now = from_unix_seconds(1'800'000'000);

store::due_alert alert(std::uint32_t attempts = 0, std::chrono::seconds age = 0s)
{
    return {{7, now - age, {"mass event", "AS64500", "peers", "many \"bad\" probes"}}, attempts};
}

result<http_call::answer> status(unsigned number)
{
    return http_call::answer{number, {}};
}

TEST(webhook, is_signed_as_python_does_it)
{
    // hmac.new(b"0123456789abcdef", b'v1.1800000000.{"id":7}', "sha256").hexdigest()
    EXPECT_EQ(signature_of("0123456789abcdef", 1'800'000'000, R"({"id":7})"),
              "v1=8fc583c74fb516b19a16c8a791874bbec8e357d2f3d575f68e93527ed06a7345");
    EXPECT_NE(signature_of("0123456789abcdeg", 1'800'000'000, R"({"id":7})"),
              signature_of("0123456789abcdef", 1'800'000'000, R"({"id":7})"));
    EXPECT_NE(signature_of("0123456789abcdef", 1'800'000'001, R"({"id":7})"),
              signature_of("0123456789abcdef", 1'800'000'000, R"({"id":7})"));
}

TEST(webhook, has_the_same_body_and_number_in_every_attempt)
{
    auto const to = http_call::url::parse("http://127.0.0.1:8080/hook?x=1").value();
    auto const first = webhook_request(to, "secret", alert().what, now);
    auto const again = webhook_request(to, "secret", alert(3).what, now + 10s);
    EXPECT_EQ(first.body, again.body);
    EXPECT_EQ(first.body, R"({"id":7,"at":1800000000,"kind":"mass event","subject":"AS64500","rule":"peers",)"
                          R"("text":"many \"bad\" probes"})");
    EXPECT_THAT(again.headers, Contains(Pair("Trigpoint-Alert", "7")));
    EXPECT_THAT(again.headers, Contains(Pair("Trigpoint-Timestamp", "1800000010")));
    EXPECT_EQ(first.where.target, "/hook?x=1");
}

TEST(webhook, is_taken_by_a_status_of_200_to_299_alone)
{
    for (auto const number : {200U, 204U, 299U}) EXPECT_EQ(outcome_of(status(number), alert(), now, 0).is, kind::taken);
    for (auto const number : {100U, 199U, 300U, 302U, 404U, 500U})
        EXPECT_EQ(outcome_of(status(number), alert(), now, 0).is, kind::later) << number;
    EXPECT_EQ(outcome_of(errc::timed_out, alert(), now, 0).is, kind::later);
    EXPECT_EQ(outcome_of(status(500), alert(), now, 0).error, "status 500");
}

TEST(webhook, is_tried_again_after_pauses_that_double_up_to_an_hour)
{
    auto const pause = [](std::uint32_t attempts, double chance) {
        return outcome_of(status(500), alert(attempts), now, chance).pause;
    };
    EXPECT_EQ(pause(0, 0), 2'500ms);
    EXPECT_EQ(pause(0, 1), 5s);
    EXPECT_EQ(pause(3, 1), 40s);
    EXPECT_EQ(pause(15, 1), 1h);
    EXPECT_EQ(pause(4'000'000'000, 0), 30min);
}

TEST(webhook, is_given_up_when_the_alert_is_a_week_old)
{
    EXPECT_EQ(outcome_of(status(500), alert(9, 167h), now, 0).is, kind::later);
    EXPECT_EQ(outcome_of(status(500), alert(9, 169h), now, 0).is, kind::given_up);
    EXPECT_EQ(outcome_of(status(200), alert(9, 169h), now, 0).is, kind::taken);
}

TEST(webhook_url, is_http_or_https_without_a_user)
{
    auto const url = http_call::url::parse("https://[2001:db8::1]:8443").value();
    EXPECT_TRUE(url.secure);
    EXPECT_EQ(url.host, "2001:db8::1");
    EXPECT_EQ(url.port, 8443);
    EXPECT_EQ(url.target, "/");
    EXPECT_EQ(url.host_and_port(), "[2001:db8::1]:8443");
    EXPECT_EQ(http_call::url::parse("http://pager.example/a").value().host_and_port(), "pager.example");
    for (auto const* text : {"", "pager.example", "ftp://pager.example/", "http://", "http://u:p@pager.example/",
                             "http://pager.example:0/", "http://pager.example:70000/", "http://pager.example/#x"})
        EXPECT_FALSE(http_call::url::parse(text)) << text;
}

}  // namespace
}  // namespace tp::registry
