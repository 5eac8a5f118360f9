#include <gtest/gtest.h>

#include "api/results/dns_message.hpp"
#include "tests/unit/api/result_samples.hpp"

namespace tp::api {
namespace {

using namespace samples;

std::string head(unsigned questions, unsigned answers)
{
    return {'\x12', '\x34', '\x84', '\0',  '\0', static_cast<char>(questions), '\0', static_cast<char>(answers),
            '\0',   '\x01', '\0',   '\x02'};
}

std::string octets(std::initializer_list<int> values)
{
    std::string out;
    for (int const value : values) out.push_back(static_cast<char>(value));
    return out;
}

std::string const question = "\x02id\x06server" + octets({0, 0, 16, 0, 3});  // at 12: id.server TXT CH
std::string const txt = octets({0xC0, 12, 0, 16, 0, 3, 0, 0, 0, 5, 0, 8}) +
                        "\x03"
                        "abc"
                        "\x03"
                        "d\"e";

/// example.net SOA, with names that point into the question.
std::string soa_message()
{
    auto const names = "\x02ns" + octets({0xC0, 12}) + "\x04host" + octets({0xC0, 12});
    auto const data = names + octets({0x78, 0xA4, 0xF2, 0x01}) + std::string(16, '\0');
    return head(1, 1) +
           "\x07"
           "example"
           "\x03net" +
           octets({0, 0, 6, 0, 1}) +
           octets({0xC0, 12, 0, 6, 0, 1, 0, 1, 0x51, 0x80, 0, static_cast<int>(data.size())}) + data;
}

proto::dns_exchange exchange(std::string answer)
{
    proto::dns_exchange out;
    out.server = address("192.0.2.53");
    out.source = address("10.0.0.3");
    out.at = from_unix_seconds(1'700'000'001);
    out.answer_size = answer.size();
    out.answer = std::move(answer);
    out.round_trip = microseconds(1347);
    return out;
}

proto::dns_report dns(proto::dns_exchange one)
{
    return {proto::dns_transport::udp, false, {std::move(one)}};
}

std::string between(std::string const& text, std::string_view from, std::string_view to)
{
    auto const begin = text.find(from);
    auto const end = text.find(to, begin);
    return begin == std::string::npos || end == std::string::npos ? text : text.substr(begin, end - begin);
}

TEST(dns_result, is_written_as_atlas_does)
{
    EXPECT_EQ(text_of(report(dns(exchange(head(1, 1) + question + txt)))),
              enclosed(R"("dst_name":"192.0.2.1","dst_addr":"192.0.2.53","dst_port":"53","af":4,"src_addr":"10.0.0.3",)"
                       R"("proto":"UDP","result":{"rt":1.347,"size":47,)"
                       R"("abuf":"EjSEAAABAAEAAQACAmlkBnNlcnZlcgAAEAADwAwAEAADAAAABQAIA2FiYwNkImU=","ID":4660,)"
                       R"("ANCOUNT":1,"QDCOUNT":1,"NSCOUNT":1,"ARCOUNT":2,)"
                       R"("answers":[{"TYPE":"TXT","NAME":"id.server","RDATA":["abc","d\"e"]}]})",
                       "Tdig", "dns"));
}

TEST(dns_result, tells_the_start_of_authority)
{
    auto const text = text_of(report(dns(exchange(soa_message()))));
    EXPECT_EQ(between(text, R"("answers")", R"(},"msm_id")"),
              R"("answers":[{"TYPE":"SOA","NAME":"example.net.","TTL":86400,"MNAME":"ns.example.net.",)"
              R"("RNAME":"host.example.net.","SERIAL":2024075777}])");
}

TEST(dns_result, tells_all_about_a_query_over_tls)
{
    auto one = exchange(head(0, 0));
    one.port = 853;
    one.connect_time = microseconds(347);
    one.tls_version = "TLSv1.3";
    one.retries = 2;
    one.ttl = 55;
    one.query = "query";
    one.cookie_mismatch = true;
    auto all = dns(std::move(one));
    all.transport = proto::dns_transport::tls;
    EXPECT_EQ(
        text_of(report(all)),
        enclosed(R"("dst_name":"192.0.2.1","dst_addr":"192.0.2.53","dst_port":"853","af":4,"src_addr":"10.0.0.3",)"
                 R"("proto":"TCP","retry":2,"ttl":55,"qbuf":"cXVlcnk=","sslvers":"TLSv1.3",)"
                 R"("result":{"rt":1.347,"qt":1,"size":12,"abuf":"EjSEAAAAAAAAAQAC","client-cookie-mismatch":true,)"
                 R"("ID":4660,"ANCOUNT":0,"QDCOUNT":0,"NSCOUNT":1,"ARCOUNT":2})",
                 "Tdig", "dns"));
}

TEST(dns_result, counts_records_of_an_answer_that_is_left_out)
{
    auto one = exchange("");
    one.answer_head = head(1, 9);
    one.answer_size = 4000;
    EXPECT_EQ(between(text_of(report(dns(one))), R"("result")", R"(,"msm_id")"),
              R"("result":{"rt":1.347,"size":4000,"ID":4660,"ANCOUNT":9,"QDCOUNT":1,"NSCOUNT":1,"ARCOUNT":2})");
}

TEST(dns_result, tells_in_words_what_stayed_of_an_answer_that_is_left_out)
{
    auto one = exchange("");
    one.answer_head = head(1, 2) + question + txt;  // the second was none of these
    one.answer_size = 4000;
    EXPECT_EQ(between(text_of(report(dns(one))), R"("result")", R"(,"msm_id")"),
              R"("result":{"rt":1.347,"size":4000,"ID":4660,"ANCOUNT":2,"QDCOUNT":1,"NSCOUNT":1,"ARCOUNT":2,)"
              R"("answers":[{"TYPE":"TXT","NAME":"id.server","RDATA":["abc","d\"e"]}]})");
}

TEST(dns_result, of_resolvers_is_a_resultset)
{
    auto second = exchange("");
    second.server = address("2001:db8::53");
    second.source.reset();
    second.error_name = "timeout";
    second.error_text = "5000";
    proto::dns_report found{proto::dns_transport::udp, true, {exchange(head(0, 0)), second}};
    auto told = report(found);
    told.target.clear();
    told.destination.reset();
    told.source.reset();
    EXPECT_EQ(text_of(told),
              enclosed(R"("resultset":[{"time":1700000001,"lts":20,"subid":1,"submax":2,"dst_addr":"192.0.2.53",)"
                       R"("dst_port":"53","af":4,"src_addr":"10.0.0.3","proto":"UDP","result":{"rt":1.347,"size":12,)"
                       R"("abuf":"EjSEAAAAAAAAAQAC","ID":4660,"ANCOUNT":0,"QDCOUNT":0,"NSCOUNT":1,"ARCOUNT":2}},)"
                       R"({"time":1700000001,"lts":20,"subid":2,"submax":2,"dst_addr":"2001:db8::53",)"
                       R"("dst_port":"53","af":6,"proto":"UDP","error":{"timeout":5000}}])",
                       "Tdig", "dns"));
}

TEST(dns_result, has_every_form_of_error)
{
    struct row {
        std::string name, text, expected;
    };
    for (auto const& [name, text, expected] :
         {row{"timeout", "5000", R"({"timeout":5000})"}, row{"timeout", "soon", R"({"timeout":"soon"})"},
          row{"TU_BAD_ADDR", "true", R"({"TU_BAD_ADDR":true})"},
          row{"TUCONNECT", "connection refused", R"({"TUCONNECT":"connection refused"})"},
          row{"nameserver", "no local resolvers found", R"({"nameserver":"no local resolvers found"})"},
          row{"idmismatch", "mismatch id from tcp", R"({"idmismatch":"mismatch id from tcp"})"}}) {
        auto one = exchange("");
        one.round_trip.reset();
        one.error_name = name;
        one.error_text = text;
        EXPECT_EQ(between(text_of(report(dns(one))), R"("proto")", R"(,"msm_id")"),
                  R"("proto":"UDP","error":)" + expected);
    }
}

TEST(dns_result, of_nothing_asked_says_why)
{
    proto::dns_report const nothing{};
    auto const told = text_of(failed(nothing, proto::failure_source::resolver, "no such name"));
    EXPECT_EQ(between(told, R"("error")", R"(,"msm_id")"), R"("error":{"getaddrinfo":"no such name"})");
    EXPECT_NE(told.find(R"("dst_name":"192.0.2.1")"), std::string::npos);
    EXPECT_EQ(between(text_of(failed(nothing, proto::failure_source::guard, "address not allowed")), R"("error")",
                      R"(,"msm_id")"),
              R"("error":{"senderror":"address not allowed"})");
}

TEST(dns_message, reads_at_most_two_answers)
{
    auto const name = std::string(
                          "\x01"
                          "a") +
                      '\0';
    auto const other = name + octets({0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 1, 2, 3, 4});
    EXPECT_EQ(parse_dns_answers(head(1, 3) + question + other + txt + txt).size(), 1U);
    EXPECT_EQ(parse_dns_answers(head(1, 3) + question + txt + txt + txt).size(), 2U);
    EXPECT_EQ(parse_dns_answers(head(1, 3) + question + other + other + txt).size(), 0U);
}

TEST(dns_message, writes_names_so_that_they_can_be_read_again)
{
    auto const odd =
        head(0, 1) + octets({3, 'a', '.', ' ', 2, '\\', 0xFF, 0}) + octets({0, 16, 0, 1, 0, 0, 0, 0, 0, 2, 1, 'x'});
    auto const found = parse_dns_answers(odd);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].name, R"(a\.\032.\\\255)");
    EXPECT_EQ(found[0].data, (std::variant<dns_txt, dns_soa>(dns_txt{{"x"}})));
}

TEST(dns_message, stops_where_it_makes_no_sense)
{
    auto const record = octets({0, 16, 0, 1, 0, 0, 0, 0, 0, 2, 1, 'x'});
    struct row {
        char const* what;
        std::string message;
    };
    for (auto const& [what, message] : {
             row{"nothing", ""},
             row{"a short head", head(1, 1).substr(0, 11)},
             row{"no question", head(1, 1)},
             row{"a cut answer", (head(1, 1) + question + txt).substr(0, 40)},
             row{"a name that points at itself", head(0, 1) + octets({0xC0, 12}) + record},
             row{"a name that points forward", head(0, 1) + octets({0xC0, 20}) + record},
             row{"a label of an unknown kind", head(0, 1) + octets({0x80, 'a', 0}) + record},
             row{"a name without an end", head(0, 1) + std::string(400, '\x01')},
             row{"data beyond the end", head(0, 1) + octets({0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 9, 1, 'x'})},
             row{"an SOA whose names leave its data",
                 head(0, 1) + octets({0, 0, 6, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4})},
         }) {
        EXPECT_TRUE(parse_dns_answers(message).empty()) << what;
    }
    // A text that says to be longer than the data around it ends that record's texts.
    auto const cut = head(0, 1) + octets({0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 4, 1, 'x', 9, 'y'});
    EXPECT_EQ(parse_dns_answers(cut).at(0).data, (std::variant<dns_txt, dns_soa>(dns_txt{{"x"}})));
}

}  // namespace
}  // namespace tp::api
