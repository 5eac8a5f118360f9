#include <gmock/gmock.h>

#include "api/abuse/claim.hpp"

namespace tp::api {
namespace {

using testing::HasSubstr;

checked<abuse_claim> claim_about(std::string const& target, bool allow_special = false)
{
    return parse_abuse_claim(R"({"target":")" + target + R"(","contact":"noc@example.net","text":"stop it"})",
                             allow_special);
}

abuse_target target_of(std::string const& text)
{
    return claim_about(text, true).value().target;
}

std::string complaint(checked<abuse_claim> const& from)
{
    return from ? "" : from.error().faults.at(0).detail;
}

TEST(abuse_claim, is_about_an_address_a_prefix_or_a_name)
{
    EXPECT_EQ(claim_about("198.41.0.4").value().target.text(), "198.41.0.4");
    EXPECT_EQ(claim_about("198.41.0.0/24").value().target.text(), "198.41.0.0/24");
    EXPECT_EQ(claim_about("2001:500:88::/48").value().target.text(), "2001:500:88::/48");
    EXPECT_EQ(claim_about("2001:500:88::53").value().target.text(), "2001:500:88::53");
    EXPECT_EQ(claim_about("WWW.Example.NET.").value().target.text(), "www.example.net");
}

TEST(abuse_claim, is_refused_for_what_is_too_wide_or_not_on_the_internet)
{
    EXPECT_THAT(complaint(claim_about("198.41.0.0/23")), HasSubstr("/24 at most"));
    EXPECT_THAT(complaint(claim_about("2001:500::/47")), HasSubstr("/48 at most"));
    for (auto const* text : {"127.0.0.1", "10.0.0.0/24", "169.254.169.254", "::1", "fe80::1", "64:ff9b::7f00:1",
                             "2001:0:7f00:1::", "::ffff:8.8.8.8", "2002:7f00:1::1"})
        EXPECT_THAT(complaint(claim_about(text)), HasSubstr("not an address of the public")) << text;
    for (auto const* text : {"", "localhost", "198.41.0.4/33", "198.41.0.1/24", "1.2", "0x7f.1", "a..b", "-a.example",
                             "ex ample.net", "example.net/path", "http://example.net"})
        EXPECT_FALSE(claim_about(text)) << text;
}

TEST(abuse_claim, needs_a_contact_and_a_text)
{
    auto const faults = parse_abuse_claim(R"({"target":"198.41.0.4"})", false).error().faults;
    ASSERT_EQ(faults.size(), 2U);
    EXPECT_EQ(faults[0].where, "/contact");
    EXPECT_EQ(faults[1].where, "/text");
    EXPECT_FALSE(parse_abuse_claim(R"({"target":"198.41.0.4","contact":"a\u001b[2J","text":"x"})", false));
    EXPECT_FALSE(parse_abuse_claim(R"({"target":"198.41.0.4","contact":"a","text":""})", false));
}

TEST(abuse_claim, is_proved_in_the_reverse_zone_that_holds_all_of_it)
{
    EXPECT_EQ(proof_record(target_of("192.0.2.7")), "7.2.0.192.in-addr.arpa");
    EXPECT_EQ(proof_record(target_of("192.0.2.0/24")), "2.0.192.in-addr.arpa");
    EXPECT_EQ(proof_record(target_of("192.0.2.0/28")), "2.0.192.in-addr.arpa");
    EXPECT_EQ(proof_record(target_of("2001:db8:a0::/48")), "0.a.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    EXPECT_EQ(proof_record(target_of("2001:db8:a0::/50")), "0.a.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    EXPECT_EQ(proof_record(target_of("2001:db8::1")),
              "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    EXPECT_EQ(proof_record(target_of("www.example.net")), "_trigpoint-abuse.www.example.net");
}

TEST(abuse_claim, is_proved_by_a_page_only_where_one_host_is_all_of_it)
{
    EXPECT_EQ(proof_url(target_of("192.0.2.7")), "http://192.0.2.7/.well-known/trigpoint-abuse");
    EXPECT_EQ(proof_url(target_of("2001:db8::1")), "http://[2001:db8::1]/.well-known/trigpoint-abuse");
    EXPECT_EQ(proof_url(target_of("www.example.net")), "http://www.example.net/.well-known/trigpoint-abuse");
    EXPECT_EQ(proof_url(target_of("192.0.2.0/31")), std::nullopt);
}

TEST(abuse_claim, a_page_proves_it_with_the_token_alone_on_a_line)
{
    EXPECT_TRUE(page_proves("t-1", "t-1"));
    EXPECT_TRUE(page_proves("other\r\n t-1 \r\n", "t-1"));
    for (auto const* page : {"", "t-12", "xt-1", "t-1 t-2", "a t-1"}) EXPECT_FALSE(page_proves(page, "t-1")) << page;
    EXPECT_TRUE(records_prove({"v=spf1 -all", "trigpoint-abuse=t-1"}, "t-1"));
    EXPECT_FALSE(records_prove({"t-1", "trigpoint-abuse=t-12"}, "t-1"));
}

TEST(abuse_verdict, is_one_of_two_with_a_reason)
{
    auto const read = parse_abuse_verdict(R"({"decision":"reopen","reason":"it is ours"})").value();
    EXPECT_EQ(read.decision, store::abuse_decision::reopen);
    EXPECT_EQ(read.reason, "it is ours");
    for (auto const* body : {"[]", "{}", R"({"decision":"reopen"})", R"({"decision":"maybe","reason":"x"})",
                             R"({"reason":"x"})", R"({"decision":"reopen","reason":""})"})
        EXPECT_FALSE(parse_abuse_verdict(body)) << body;
}

}  // namespace
}  // namespace tp::api
