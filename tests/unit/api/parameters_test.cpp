#include "api/parameters.hpp"

#include <gtest/gtest.h>

namespace tp::api {
namespace {

http::request with(std::string_view query)
{
    http::request out;
    out.query = http::parse_query(query);
    return out;
}

TEST(parameters, have_flags_as_clients_write_them)
{
    struct row {
        std::string_view query;
        std::optional<bool> expected;
    };
    for (auto const& [query, expected] : {
             row{"mine=true", true},
             row{"mine=True", true},
             row{"mine=1", true},
             row{"mine=false", false},
             row{"mine=FALSE", false},
             row{"mine=0", false},
             row{"mine=", std::nullopt},
             row{"other=1", std::nullopt},
         }) {
        SCOPED_TRACE(query);
        auto const flag = read_flag(with(query), "mine");
        ASSERT_TRUE(flag.has_value());
        EXPECT_EQ(flag.value(), expected);
    }
    for (auto const* wrong : {"mine=yes", "mine=2", "mine=tru", "mine=truer"}) {
        auto const flag = read_flag(with(wrong), "mine");
        ASSERT_TRUE(flag.has_error()) << wrong;
        EXPECT_EQ(flag.error().faults.at(0), (fault{"mine", "Must be true or false.", fault::place::query}));
    }
}

enum class column { id, place, note };

constexpr std::array<filter_row<column>, 3> table{{
    {"id", column::id, value_kind::number, forms::listed},
    {"place", column::place, value_kind::real, forms::ordered},
    {"note", column::note, value_kind::text, forms::worded},
}};

TEST(parameters, become_conditions_by_a_table)
{
    auto const read = read_conditions(with("note__startswith=a%25&place__lte=-1.5&id__in=3,4&other__gt=1"), table);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 3U);
    EXPECT_EQ(read->at(0).how, store::comparison::among);
    EXPECT_EQ(read->at(0).value, store::condition_value(std::vector<std::int64_t>{3, 4}));
    EXPECT_EQ(read->at(1).column, column::place);
    EXPECT_EQ(read->at(1).how, store::comparison::at_most);
    EXPECT_EQ(read->at(1).value, store::condition_value(-1.5));
    EXPECT_EQ(read->at(2).how, store::comparison::begins);
    EXPECT_EQ(read->at(2).value, store::condition_value("a%"));
    EXPECT_TRUE(read_conditions(with("id=&note__gt=x&place__in=1"), table)->empty());
    for (auto const* wrong : {"id=x", "id=99999999999999999999", "id__in=1,x", "place=nan", "place__gt=1,5"}) {
        auto const bad = read_conditions(with(wrong), table);
        ASSERT_FALSE(bad) << wrong;
        EXPECT_EQ(bad.error().faults.at(0).in, fault::place::query);
    }
}

TEST(parameters, are_read_by_their_kind)
{
    using enum value_kind;
    struct row {
        value_kind kind;
        std::string_view text;
        std::optional<store::condition_value> expected;
    };
    for (auto const& [kind, text, expected] : {
             row{flag, "True", true},
             row{flag, "2", std::nullopt},
             row{time, "2023-11-14T22:13:20", std::int64_t{1'700'000'000}},
             row{time, "1700000000", std::int64_t{1'700'000'000}},
             row{time, "-1", std::int64_t{0}},
             row{time, "9999999999", std::int64_t{4'102'444'800}},
             row{time, "yesterday", std::nullopt},
             row{family, "6", std::int64_t{6}},
             row{family, "5", std::nullopt},
             row{address, "2001:DB8::1", parse_address("2001:db8::1").value()},
             row{address, "192.0.2", std::nullopt},
             row{texts, "a, b", std::vector<std::string>{"a", "b"}},
         }) {
        SCOPED_TRACE(text);
        auto const value = read_value("name", text, kind, store::comparison::equal);
        EXPECT_EQ(value.has_value(), expected.has_value());
        if (value && expected) {
            EXPECT_EQ(value.value(), *expected);
        }
    }
}

TEST(parameters, have_whole_numbers)
{
    std::optional<std::uint32_t> number = 7;
    EXPECT_TRUE(read_number(with("a=&b=1"), "a", number));
    EXPECT_EQ(number, 7U);
    EXPECT_TRUE(read_number(with("a=12"), "a", number));
    EXPECT_EQ(number, 12U);
    for (auto const* wrong : {"a=x", "a=1x", "a=-1", "a=1.5", "a=4294967296"})
        EXPECT_FALSE(read_number(with(wrong), "a", number)) << wrong;
}

}  // namespace
}  // namespace tp::api
