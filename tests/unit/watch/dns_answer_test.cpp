#include "registry/watch/dns_answer.hpp"

#include <gmock/gmock.h>

#include "tests/unit/watch/dns_message.hpp"

namespace tp::registry {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::IsEmpty;

ip_address ip(std::string_view text)
{
    return parse_address(text).value();
}

TEST(dns_answer, has_the_addresses_of_the_type_and_the_question_in_its_letters)
{
    auto const alias = record{.type = 5, .data = name_on_wire("cdn.example")};
    auto moved = address("192.0.2.8");
    moved.owner = name_on_wire("cdn.example");
    auto const message = answer("lOoK.eXaMpLe", {alias, moved, address("192.0.2.7"), address("2001:db8::7")});
    auto const found = read_dns_answer(message, address_record::a).value();
    EXPECT_THAT(found.addresses, ElementsAre(ip("192.0.2.8"), ip("192.0.2.7")));
    EXPECT_EQ(found.question, name_on_wire("lOoK.eXaMpLe"));
    EXPECT_EQ(found.code, dns_answer::no_error);
    EXPECT_FALSE(found.truncated);
    EXPECT_THAT(read_dns_answer(message, address_record::aaaa)->addresses, ElementsAre(ip("2001:db8::7")));
}

TEST(dns_answer, tells_its_code_and_that_it_was_cut)
{
    EXPECT_EQ(read_dns_answer(answer("a.b", {}, 0x8183), address_record::a)->code, dns_answer::no_such_name);
    EXPECT_TRUE(read_dns_answer(answer("a.b", {}, 0x8380), address_record::a)->truncated);
}

TEST(dns_answer, of_another_class_is_no_address)
{
    auto chaos = address("192.0.2.7");
    chaos.class_ = 3;
    EXPECT_THAT(read_dns_answer(answer("a.b", {chaos}), address_record::a)->addresses, IsEmpty());
}

TEST(dns_answer, is_none_if_it_ends_anywhere_before_its_answers_do)
{
    auto const message = answer("look.example", {address("192.0.2.7"), address("192.0.2.8")});
    for (std::size_t size = 0; size < message.size(); ++size)
        EXPECT_FALSE(read_dns_answer(std::string_view(message).substr(0, size), address_record::a)) << size;
}

TEST(dns_answer, is_none_for_what_is_no_response_or_asks_something_odd)
{
    auto const message = answer("a.b", {address("192.0.2.7")});
    auto const with = [&](std::size_t at, std::string_view octets) {
        auto other = message;
        return read_dns_answer(other.replace(at, octets.size(), octets), address_record::a);
    };
    EXPECT_FALSE(with(2, "\x01")) << "a query";
    EXPECT_FALSE(with(5, "\x02")) << "two questions";
    EXPECT_FALSE(with(12, "\xc0\x0c")) << "the name of the question is a pointer";
    EXPECT_FALSE(with(12, "\x40")) << "a label of 64 octets";
    auto odd = address("192.0.2.7");
    odd.data.pop_back();
    EXPECT_FALSE(read_dns_answer(answer("a.b", {odd}), address_record::a)) << "an address of three octets";
}

TEST(dns_answer, may_lack_the_question)
{
    auto const message = std::string("\x12\x67\x81\x85", 4) + std::string(8, '\0');
    auto const found = read_dns_answer(message, address_record::a).value();
    EXPECT_EQ(found.question, "");
    EXPECT_EQ(found.code, 5U);
}

TEST(name_on_wire, is_that_of_a_host_or_nothing)
{
    EXPECT_EQ(name_on_wire("Look-1.example"), std::string("\6Look-1\7example\0", 16));
    auto const label = std::string(63, 'a');
    auto const longest = label + '.' + label + '.' + label + '.' + std::string(61, 'a');
    EXPECT_EQ(name_on_wire(longest).size(), 255U);
    for (auto const& text : {std::string(), std::string("."), std::string("a."), std::string(".a"), std::string("a..b"),
                             std::string("a b"), std::string("a\\046b"), label + 'a', longest + 'a'})
        EXPECT_EQ(name_on_wire(text), "") << text;
}

}  // namespace
}  // namespace tp::registry
