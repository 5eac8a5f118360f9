#include "probe/anchor/dns/answer.hpp"

#include <gmock/gmock.h>

#include "probe/anchor/dns/query.hpp"
#include "tests/unit/anchor/dns_support.hpp"

namespace tp::anchor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr unsigned chaos = 3, any_type = 255;

dns_zone zone()
{
    return {
        "a1.example.net.",
        "a1.example.net",
        {parse_address("192.0.2.1").value(), parse_address("2001:db8::1").value(), parse_address("192.0.2.2").value()},
        7};
}

std::optional<dns_reply> reply_to(std::string const& query, dns_path path = dns_path::udp)
{
    auto const octets = answer_query(zone(), octets_of(query), path);
    if (!octets) return std::nullopt;
    return dns_reply(*octets);
}

dns_reply ask(std::string const& name, unsigned type, unsigned query_class = 1, proto::dns_options const& with = {},
              dns_path path = dns_path::udp)
{
    auto out = reply_to(dns_query_text(name, type, query_class, with), path);
    EXPECT_TRUE(out && out->packet) << name;
    return std::move(*out);
}

proto::dns_options with_room(unsigned size)
{
    proto::dns_options out;
    out.udp_payload_size = size;
    return out;
}

TEST(dns_answer, the_zone_s_own_name_has_what_a_zone_needs)
{
    constexpr auto soa = "a1.example.net. 300 IN SOA a1.example.net. hostmaster.a1.example.net. 7 86400 7200 604800 60";
    EXPECT_THAT(ask("a1.example.net", LDNS_RR_TYPE_SOA).answers(), ElementsAre(soa));
    EXPECT_THAT(ask("a1.example.net", LDNS_RR_TYPE_NS).answers(),
                ElementsAre("a1.example.net. 300 IN NS a1.example.net."));
    EXPECT_THAT(ask("a1.example.net", LDNS_RR_TYPE_A).answers(),
                ElementsAre("a1.example.net. 300 IN A 192.0.2.1", "a1.example.net. 300 IN A 192.0.2.2"));
    EXPECT_THAT(ask("a1.example.net", LDNS_RR_TYPE_AAAA).answers(),
                ElementsAre("a1.example.net. 300 IN AAAA 2001:db8::1"));
    auto const other = ask("a1.example.net", LDNS_RR_TYPE_MX);
    EXPECT_EQ(other.code(), 0U);
    EXPECT_THAT(other.answers(), IsEmpty());
    EXPECT_THAT(other.authority(), ElementsAre(soa));
    EXPECT_TRUE(other.authoritative());
}

TEST(dns_answer, a_text_has_the_size_that_was_asked_for)
{
    for (std::size_t const size : {0U, 1U, 255U, 256U, 510U, 511U, 4'000U}) {
        auto const got = ask(std::to_string(size) + ".txt.a1.example.net", LDNS_RR_TYPE_TXT, 1, {}, dns_path::tcp);
        ASSERT_EQ(got.answers().size(), 1U) << size;
        EXPECT_EQ(got.text_of_answer(), text_of_size(size));
        EXPECT_TRUE(got.authoritative());
        EXPECT_FALSE(got.truncated());
    }
    EXPECT_EQ(text_of_size(12), "012345678901");
}

TEST(dns_answer, what_stands_in_front_of_a_text_is_for_caches)
{
    auto const got = ask("17.1700000000.5.txt.a1.example.net", LDNS_RR_TYPE_TXT);
    EXPECT_THAT(got.answers(), ElementsAre("17.1700000000.5.txt.a1.example.net. 300 IN TXT \"01234\""));
}

TEST(dns_answer, there_are_no_other_names)
{
    for (auto const* name : {"www.a1.example.net", "4001.txt.a1.example.net", "01.txt.a1.example.net",
                             "-1.txt.a1.example.net", "x.txt.a1.example.net", "5.text.a1.example.net",
                             "txt.5.a1.example.net", "99999999999999999999.txt.a1.example.net"}) {
        auto const got = ask(name, LDNS_RR_TYPE_TXT);
        EXPECT_EQ(got.code(), 3U) << name;
        EXPECT_TRUE(got.authoritative());
        EXPECT_THAT(got.answers(), IsEmpty());
        EXPECT_EQ(got.authority().size(), 1U);
    }
}

TEST(dns_answer, a_name_without_what_was_asked_for_exists_nevertheless)
{
    for (auto const* name : {"txt.a1.example.net", "5.txt.a1.example.net"}) {
        auto const got = ask(name, LDNS_RR_TYPE_AAAA);
        EXPECT_EQ(got.code(), 0U) << name;
        EXPECT_THAT(got.answers(), IsEmpty());
        EXPECT_THAT(got.authority(), ElementsAre(HasSubstr(" SOA ")));
    }
}

TEST(dns_answer, of_what_is_elsewhere_nothing_is_said)
{
    for (auto const* name : {"example.net", "a2.example.net", "aa1.example.net", "net", ".", "a1.example.net.org",
                             "xa1\\.example.net", "x\\.a1.example.net.example.org", "5\\.txt\\.a1.example.net"}) {
        auto const got = ask(name, LDNS_RR_TYPE_A);
        EXPECT_EQ(got.code(), 5U) << name;
        EXPECT_FALSE(got.authoritative()) << name;
        EXPECT_THAT(got.authority(), IsEmpty());
    }
    EXPECT_EQ(ask("a1.example.net", LDNS_RR_TYPE_A, 4).code(), 5U);
}

TEST(dns_answer, the_zone_is_not_handed_out)
{
    for (unsigned const type : {unsigned{LDNS_RR_TYPE_AXFR}, unsigned{LDNS_RR_TYPE_IXFR}}) {
        EXPECT_EQ(ask("a1.example.net", type, 1, {}, dns_path::tcp).code(), 5U);
    }
}

TEST(dns_answer, who_asks_for_anything_gets_little)
{
    EXPECT_THAT(ask("a1.example.net", any_type).answers(), ElementsAre(HasSubstr(" SOA ")));
    EXPECT_THAT(ask("5.txt.a1.example.net", any_type).answers(), ElementsAre(HasSubstr("\"01234\"")));
}

TEST(dns_answer, letters_may_be_large_and_are_told_as_asked)
{
    auto const got = ask("5.TXT.A1.Example.NET", LDNS_RR_TYPE_TXT);
    EXPECT_THAT(got.question(), StartsWith("5.TXT.A1.Example.NET."));
    EXPECT_THAT(got.answers(), ElementsAre("5.TXT.A1.Example.NET. 300 IN TXT \"01234\""));
    EXPECT_EQ(ask("A1.EXAMPLE.net", LDNS_RR_TYPE_A).answers().size(), 2U);
}

TEST(dns_answer, tells_its_name_as_servers_do)
{
    for (auto const* name : {"hostname.bind", "id.server", "ID.Server"}) {
        auto const got = ask(name, LDNS_RR_TYPE_TXT, chaos);
        ASSERT_EQ(got.answers().size(), 1U) << name;
        EXPECT_EQ(got.text_of_answer(), "a1.example.net");
    }
    EXPECT_EQ(ask("version.bind", LDNS_RR_TYPE_TXT, chaos).code(), 5U);
    EXPECT_EQ(ask("a1.example.net", LDNS_RR_TYPE_TXT, chaos).code(), 5U);
    EXPECT_THAT(ask("id.server", LDNS_RR_TYPE_A, chaos).answers(), IsEmpty());
}

TEST(dns_answer, nsid_is_told_to_who_asks)
{
    proto::dns_options with;
    with.set_nsid_bit = true;
    EXPECT_EQ(ask("a1.example.net", LDNS_RR_TYPE_SOA, 1, with).nsid(), "a1.example.net");
    EXPECT_EQ(ask("elsewhere.org", LDNS_RR_TYPE_SOA, 1, with).nsid(), "a1.example.net");
    EXPECT_EQ(ask("a1.example.net", LDNS_RR_TYPE_SOA, 1, with_room(1'232)).nsid(), std::nullopt);
}

TEST(dns_answer, edns_is_answered_by_edns_only)
{
    EXPECT_FALSE(ask("a1.example.net", LDNS_RR_TYPE_SOA).edns());
    auto const got = ask("a1.example.net", LDNS_RR_TYPE_SOA, 1, with_room(4'096));
    EXPECT_EQ(::ldns_pkt_edns_udp_size(got.packet.get()), largest_datagram);
    proto::dns_options secure;
    secure.set_do_bit = true;
    EXPECT_TRUE(::ldns_pkt_edns_do(ask("a1.example.net", LDNS_RR_TYPE_SOA, 1, secure).packet.get()));
}

TEST(dns_answer, flags_are_said_again)
{
    proto::dns_options with;
    with.set_rd_bit = true;
    with.set_cd_bit = true;
    auto const got = ask("a1.example.net", LDNS_RR_TYPE_A, 1, with);
    EXPECT_EQ(::ldns_pkt_id(got.packet.get()), 0x1234);
    EXPECT_TRUE(::ldns_pkt_qr(got.packet.get()));
    EXPECT_TRUE(::ldns_pkt_rd(got.packet.get()));
    EXPECT_TRUE(::ldns_pkt_cd(got.packet.get()));
    EXPECT_FALSE(::ldns_pkt_ra(got.packet.get()));
    EXPECT_FALSE(::ldns_pkt_rd(ask("a1.example.net", LDNS_RR_TYPE_A).packet.get()));
}

TEST(dns_answer, a_datagram_is_no_larger_than_the_client_and_the_path_take)
{
    struct row {
        unsigned room;  // octets; 512 is without EDNS
        std::size_t text;
        bool truncated;
    };
    // The question, and what stands around the text in an answer, take about 70 octets.
    for (auto const& [room, text, truncated] :
         {row{512, 400, false}, row{512, 500, true}, row{1'000, 900, false}, row{1'000, 1'000, true},
          row{4'096, 1'100, false}, row{4'096, 1'232, true}}) {
        auto const got = ask(std::to_string(text) + ".txt.a1.example.net", LDNS_RR_TYPE_TXT, 1, with_room(room));
        EXPECT_EQ(got.truncated(), truncated) << room << ' ' << text;
        EXPECT_LE(got.size, std::min<std::size_t>(room, largest_datagram));
        EXPECT_EQ(got.answers().size(), truncated ? 0U : 1U);
        EXPECT_EQ(got.edns(), room != 512);
    }
    auto tiny = dns_query_text("500.txt.a1.example.net", LDNS_RR_TYPE_TXT, 1, with_room(600));
    tiny[tiny.size() - 8] = tiny[tiny.size() - 7] = '\0';  // room for nothing: 512 octets it is
    EXPECT_TRUE(reply_to(tiny)->truncated());
    EXPECT_EQ(reply_to(dns_query_text("a1.example.net", LDNS_RR_TYPE_A))->answers().size(), 2U);
}

TEST(dns_answer, a_slip_is_not_longer_than_what_caused_it)
{
    proto::dns_options with;
    with.set_nsid_bit = true;
    auto const query = dns_query_text("1000.txt.a1.example.net", LDNS_RR_TYPE_TXT, 1, with);
    auto const got = reply_to(query, dns_path::udp_truncated).value();
    EXPECT_TRUE(got.truncated());
    EXPECT_THAT(got.answers(), IsEmpty());
    EXPECT_LE(got.size, query.size());
    auto const plain = dns_query_text("a1.example.net", LDNS_RR_TYPE_SOA);
    EXPECT_EQ(reply_to(plain, dns_path::udp_truncated)->size, plain.size());
}

TEST(dns_answer, nobody_is_answered_who_may_be_a_server_or_says_too_little)
{
    auto query = dns_query_text("a1.example.net", LDNS_RR_TYPE_SOA);
    EXPECT_FALSE(reply_to(""));
    EXPECT_FALSE(reply_to(query.substr(0, 11)));
    query[2] = static_cast<char>(0x80);
    EXPECT_FALSE(reply_to(query));
}

/// What is wrong, and the query that is.
struct broken {
    char const* what;
    std::string query;
};

std::vector<broken> broken_queries()
{
    auto const good = dns_query_text("a1.example.net", LDNS_RR_TYPE_SOA);
    auto const edns = dns_query_text("a1.example.net", LDNS_RR_TYPE_SOA, 1, with_room(1'232));
    auto const set = [](std::string from, std::size_t at, int octet) {
        from[at] = static_cast<char>(octet);
        return from;
    };
    auto const opt = edns.substr(good.size());
    auto two_opts = set(edns + opt, 11, 2);
    auto named_opt = set(good + '\1' + 'x' + opt, 11, 1);
    auto long_option = edns.substr(0, edns.size() - 2) + std::string("\0\4\0\3\0\1", 6);
    return {
        {"no question", set(good.substr(0, 12), 5, 0)},
        {"two questions", set(good + good.substr(12), 5, 2)},
        {"a question that is missing", good.substr(0, 12)},
        {"a question that ends early", good.substr(0, good.size() - 1)},
        {"an answer", set(good, 7, 1)},
        {"an authority", set(good, 9, 1)},
        {"octets behind the end", good + 'x'},
        {"an additional record that is missing", set(good, 11, 1)},
        {"too many additional records", set(good + opt + opt + opt, 11, 3)},
        {"two OPT records", two_opts},
        {"an OPT record with a name", named_opt},
        {"an option that ends early", long_option},
        {"a label that is too long", set(good, 12, 0x40)},
        {"a pointer to itself", set(set(good, 12, 0xc0), 13, 12)},
        {"a pointer out of the message", set(set(good, 12, 0xff), 13, 0xff)},
    };
}

TEST(dns_answer, broken_queries_are_told_so)
{
    for (auto const& [what, query] : broken_queries()) {
        auto const octets = answer_query(zone(), octets_of(query), dns_path::udp);
        ASSERT_TRUE(octets) << what;
        EXPECT_EQ(octets->substr(0, 2), query.substr(0, 2)) << what;
        EXPECT_EQ(octets->at(3) & 0x0f, 1) << what;
        EXPECT_LE(octets->size(), std::max<std::size_t>(query.size(), 12)) << what;
    }
}

TEST(dns_answer, unknown_records_beside_the_question_are_passed_over)
{
    auto query = dns_query_text("a1.example.net", LDNS_RR_TYPE_SOA);
    query[11] = 1;
    query += std::string("\0\0\xfa\0\xff\0\0\0\0\0\0", 11);  // TSIG, without data
    EXPECT_EQ(reply_to(query)->answers().size(), 1U);
}

TEST(dns_answer, what_it_does_not_speak_is_told)
{
    auto update = dns_query_text("a1.example.net", LDNS_RR_TYPE_SOA);
    update[2] = 0x28;
    EXPECT_EQ(reply_to(update)->code(), 4U);
    auto later = dns_query_text("a1.example.net", LDNS_RR_TYPE_SOA, 1, with_room(1'232));
    later[later.size() - 5] = 1;  // EDNS version 1
    auto const got = reply_to(later).value();
    EXPECT_EQ(got.code(), 16U);
    EXPECT_THAT(got.answers(), IsEmpty());
    EXPECT_EQ(::ldns_pkt_edns_version(got.packet.get()), 0);
}

}  // namespace
}  // namespace tp::anchor
