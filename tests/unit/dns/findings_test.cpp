#include "probe/measure/dns/findings.hpp"

#include <gtest/gtest.h>

#include "tests/unit/dns/octets.hpp"

namespace tp::probe {
namespace {

proto::dns_report const& report_in(outcome const& what)
{
    return std::get<proto::dns_report>(what.found);
}

TEST(dns_findings, ports_are_those_of_the_transport_unless_told)
{
    using enum proto::dns_transport;
    EXPECT_EQ(port_of({.transport = udp}), 53);
    EXPECT_EQ(port_of({.transport = tcp}), 53);
    EXPECT_EQ(port_of({.transport = tls}), 853);
    EXPECT_EQ(port_of({.transport = tls, .port = 1853}), 1853);
}

TEST(dns_findings, answers_beyond_the_room_leave_their_header)
{
    std::vector<proto::dns_exchange> all(4);
    all[0].answer = std::string(400, 'a');
    all[1].answer = std::string(700, 'b');
    all[2].query = std::string(100, 'q');
    all[2].answer = std::string(500, 'c');
    keep_within(all, 1000);
    EXPECT_EQ(all[0].answer.size(), 400U);
    EXPECT_EQ(all[1].answer, "");
    EXPECT_EQ(all[1].answer_head, std::string(12, 'b'));
    EXPECT_EQ(all[2].answer.size(), 500U);
    EXPECT_EQ(all[3].answer_head, "");
}

TEST(dns_findings, what_atlas_tells_in_words_stays_where_answers_are_left_out)
{
    auto const front = head(1, 0, 1) + text_of({0, 0, 16, 0, 3, 0, 0, 0, 5, 0, 4}) + "\3abc";
    proto::dns_exchange told;
    put_answer(told, octets_of(front + "and more"), {.include_abuf = false});
    EXPECT_EQ(told.answer, "");
    EXPECT_EQ(told.answer_head, front);
    EXPECT_EQ(told.answer_size, front.size() + 8);
}

TEST(dns_findings, a_run_fails_when_all_its_queries_are_refused)
{
    proto::dns_options const options{.use_probe_resolver = true};
    refusals no;
    no.add("address not allowed", "private use");
    outcome some, none;
    finish_findings(some, options, std::vector<proto::dns_exchange>(2), no);
    EXPECT_FALSE(some.failed);
    EXPECT_EQ(report_in(some).exchanges.size(), 2U);
    EXPECT_TRUE(report_in(some).by_resolvers);
    no.add("address not allowed", "another reason");
    finish_findings(none, options, std::vector<proto::dns_exchange>(2), no);
    EXPECT_EQ(none.failed, (proto::failure{proto::failure_source::guard, "address not allowed"}));
    EXPECT_EQ(none.why, "private use");
    EXPECT_TRUE(report_in(none).exchanges.empty());
}

}  // namespace
}  // namespace tp::probe
