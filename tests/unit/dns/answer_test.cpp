#include "probe/measure/dns/answer.hpp"

#include <gtest/gtest.h>

#include "tests/unit/dns/octets.hpp"

namespace tp::probe {
namespace {

constexpr dns_cookie sent{'c', 'l', 'i', 'e', 'n', 't', '-', '1'};

std::optional<std::string> cookie(std::string const& message)
{
    auto const got = cookie_in(octets_of(message));
    if (!got) return std::nullopt;
    return std::string(got->begin(), got->end());
}

TEST(dns_answer, its_id_is_known_if_it_has_a_header)
{
    EXPECT_EQ(message_id(octets_of(head(0xfffe))), 0xfffe);
    EXPECT_EQ(message_id(octets_of(head(1).substr(0, 11))), std::nullopt);
    EXPECT_EQ(message_id({}), std::nullopt);
}

TEST(dns_answer, the_cookie_is_found_behind_other_records_and_options)
{
    auto const question = "\7example\4test" + text_of({0, 0, 1, 0, 1});
    auto const address = text_of({0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1});
    auto const nsid = text_of({0, 3, 0, 2}) + "ns";
    auto const message =
        head(1, 1, 2, 0, 1) + question + address + address + opt(nsid + cookie_option("client-1server-1"));
    EXPECT_EQ(cookie(message), "client-1server-1");
    EXPECT_FALSE(has_another_cookie(octets_of(message), sent));
}

TEST(dns_answer, another_cookie_is_told)
{
    EXPECT_TRUE(has_another_cookie(octets_of(head(1, 0, 0, 0, 1) + opt(cookie_option("client-2server-1"))), sent));
    EXPECT_TRUE(has_another_cookie(octets_of(head(1, 0, 0, 0, 1) + opt(cookie_option("client-"))), sent));
    EXPECT_FALSE(has_another_cookie(octets_of(head(1, 0, 0, 0, 1) + opt("")), sent));
    EXPECT_FALSE(has_another_cookie(octets_of(head(1)), sent));
}

TEST(dns_answer, a_broken_message_has_no_cookie)
{
    auto const whole = head(1, 0, 0, 0, 1) + opt(cookie_option("client-1"));
    ASSERT_TRUE(cookie(whole));
    for (std::size_t length = 0; length < whole.size(); ++length) EXPECT_FALSE(cookie(whole.substr(0, length)));
    EXPECT_FALSE(cookie(head(1, 0, 0, 0, 1) + opt(text_of({0, 10, 0, 200}) + "client-1"))) << "longer than the record";
    EXPECT_FALSE(cookie(head(1, 1, 0, 0, 1) + text_of({64}) + std::string(64, 'a') + opt(cookie_option("client-1"))))
        << "a label longer than labels can be";
}

TEST(dns_answer, a_record_of_that_type_with_a_name_is_no_opt)
{
    auto const option = cookie_option("client-1");
    auto const named = "\1x" + opt(option);
    EXPECT_FALSE(cookie(head(1, 0, 0, 0, 1) + named));
}

TEST(dns_answer, its_front_ends_with_the_last_text_or_authority_among_its_first_two_answers)
{
    auto const question = "\2id\6server" + text_of({0, 0, 16, 0, 3});
    auto const record = [](unsigned type, std::string const& data) {
        return text_of({0xc0, 12, 0, type, 0, 3, 0, 0, 0, 5, 0, static_cast<unsigned>(data.size())}) + data;
    };
    auto const txt = record(16, "\3abc"), soa = record(6, std::string(22, '\0')), other = record(1, "1234");
    auto const front = [&](std::string const& records, unsigned count, std::size_t most = 512) {
        auto const message = head(1, 1, count) + question + records;
        return front_of_answer(octets_of(message), most);
    };
    auto const before = dns_head_length + question.size();
    EXPECT_EQ(front(txt + other, 2), before + txt.size());
    EXPECT_EQ(front(other + soa + txt, 3), before + other.size() + soa.size());
    EXPECT_EQ(front(txt + txt, 1), before + txt.size());
    EXPECT_EQ(front(other + other + txt, 3), dns_head_length);
    EXPECT_EQ(front("", 0), dns_head_length);
    EXPECT_EQ(front(txt + txt, 2, before + txt.size()), before + txt.size()) << "what fits";
    EXPECT_EQ(front(txt, 1, before + txt.size() - 1), dns_head_length);
    EXPECT_EQ(front(txt.substr(0, txt.size() - 1), 1), dns_head_length) << "cut";
    EXPECT_EQ(front_of_answer(octets_of(head(1, 0xff, 0xff)), 512), dns_head_length);
    EXPECT_EQ(front_of_answer(octets_of("short"), 512), 5U);
}

}  // namespace
}  // namespace tp::probe
