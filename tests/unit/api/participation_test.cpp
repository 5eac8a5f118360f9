#include "api/measurements/participation.hpp"

#include <gmock/gmock.h>

namespace tp::api {
namespace {

TEST(participation, reads_what_to_add_and_to_remove)
{
    auto const wishes = parse_participation(R"([
        {"action":"add","requested":5,"type":"country","value":"NL","tags":{"include":["home"]}},
        {"action":"remove","requested":1,"type":"probes","value":"6001"}])",
                                            limits{});
    ASSERT_TRUE(wishes);
    ASSERT_EQ(wishes->size(), 2U);
    EXPECT_TRUE((*wishes)[0].add);
    EXPECT_FALSE((*wishes)[1].add);
    EXPECT_THAT((*wishes)[1].from.filter.ids, testing::ElementsAre(6001));
}

TEST(participation, takes_a_single_object)
{
    EXPECT_EQ(parse_participation(R"({"action":"add","requested":1,"type":"asn","value":1})", limits{})->size(), 1U);
}

TEST(participation, points_at_what_is_wrong)
{
    struct row {
        std::string body, pointer;
    };
    for (auto const& [body, pointer] : {
             row{"", ""},
             row{"[]", ""},
             row{"[1]", "/0"},
             row{R"([{"requested":1,"type":"asn","value":1}])", "/0/action"},
             row{R"([{"action":"replace","requested":1,"type":"asn","value":1}])", "/0/action"},
             row{R"([{"action":"remove","requested":1,"type":"asn","value":1}])", "/0/type"},
             row{R"([{"action":"add","requested":1,"type":"asn","value":"x"}])", "/0/value"},
         }) {
        SCOPED_TRACE(body);
        auto const wishes = parse_participation(body, limits{});
        ASSERT_FALSE(wishes);
        EXPECT_EQ(wishes.error().faults.at(0).where, pointer);
    }
}

}  // namespace
}  // namespace tp::api
