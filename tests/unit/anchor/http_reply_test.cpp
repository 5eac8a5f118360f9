#include "probe/anchor/http/reply.hpp"

#include <gmock/gmock.h>

namespace tp::anchor {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

http_facts facts()
{
    return {"a1.example.net", parse_address("2001:db8::7").value(), from_unix_seconds(1'700'000'000)};
}

std::string body_of(http_reply const& reply)
{
    return reply.before + std::string(reply.filler, http_reply::letter) + reply.after;
}

constexpr std::string_view shortest =
    "{\"anchor\":\"a1.example.net\",\"client\":\"2001:db8::7\",\"time\":1700000000,\"filler\":\"\"}\n";

TEST(reply, has_the_size_that_was_asked_for)
{
    for (std::size_t const size : {std::size_t{0}, std::size_t{1}, shortest.size() - 1, shortest.size(),
                                   shortest.size() + 1, std::size_t{10'240}, std::size_t{1'020'048}}) {
        auto const reply = answer({size, ""}, facts());
        EXPECT_EQ(reply.length(), size);
        EXPECT_EQ(body_of(reply).size(), size);
        EXPECT_THAT(head_of(reply, true, facts()), HasSubstr("\r\nContent-Length: " + std::to_string(size) + "\r\n"));
    }
}

TEST(reply, tells_who_asked_and_when_where_there_is_room)
{
    EXPECT_EQ(body_of(answer({std::nullopt, ""}, facts())), shortest);
    EXPECT_EQ(body_of(answer({shortest.size() + 3, ""}, facts())),
              "{\"anchor\":\"a1.example.net\",\"client\":\"2001:db8::7\",\"time\":1700000000,\"filler\":\"xxx\"}\n");
    auto const small = answer({shortest.size() - 1, ""}, facts());
    EXPECT_EQ(body_of(small), std::string(shortest.size() - 1, 'x'));
    EXPECT_EQ(small.content_type, "text/plain");
}

TEST(reply, says_the_nonce_again)
{
    auto const reply = answer({std::nullopt, "Zx81"}, facts());
    EXPECT_THAT(body_of(reply), HasSubstr(",\"nonce\":\"Zx81\","));
    EXPECT_THAT(head_of(reply, false, facts()), HasSubstr("\r\nX-Trigpoint-Nonce: Zx81\r\n"));
    auto const small = answer({3, "Zx81"}, facts());
    EXPECT_EQ(body_of(small), "xxx");
    EXPECT_THAT(head_of(small, false, facts()), HasSubstr("\r\nX-Trigpoint-Nonce: Zx81\r\n"));
    EXPECT_THAT(head_of(answer({3, ""}, facts()), false, facts()), Not(HasSubstr("Nonce")));
}

TEST(reply, has_a_head_of_lines)
{
    auto const head = head_of(answer({5, ""}, facts()), true, facts());
    EXPECT_THAT(head, StartsWith("HTTP/1.1 200 OK\r\nDate: Tue, 14 Nov 2023 22:13:20 GMT\r\n"));
    EXPECT_THAT(head, HasSubstr("\r\nX-Trigpoint-Anchor: a1.example.net\r\nX-Trigpoint-Client: 2001:db8::7\r\n"));
    EXPECT_THAT(head, EndsWith("\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_THAT(head_of(answer({5, ""}, facts()), false, facts()), EndsWith("\r\nConnection: close\r\n\r\n"));
}

TEST(reply, tells_what_was_wrong)
{
    EXPECT_EQ(refuse_target(errc::not_found, 100).status, 404U);
    EXPECT_EQ(refuse_target(errc::malformed, 100).status, 400U);
    auto const large = refuse_target(errc::too_large, 100);
    EXPECT_EQ(large.status, 400U);
    EXPECT_THAT(body_of(large), HasSubstr("100 octets"));
    EXPECT_THAT(head_of(refuse(405, "no"), true, facts()), HasSubstr("\r\nAllow: GET, HEAD, POST\r\n"));
}

}  // namespace
}  // namespace tp::anchor
