#include "api/measurements/sources.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tp::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct outcome {
    std::vector<source> sources;
    std::vector<fault> faults;
};

outcome parse(std::string_view text)
{
    outcome out;
    out.sources = parse_sources(boost::json::parse(text), "/probes", limits{}, out.faults);
    return out;
}

TEST(sources, read_each_type)
{
    auto const [list, faults] = parse(R"([
        {"type":"area","value":"WW","requested":5},
        {"type":"area","value":"North-Central","requested":1},
        {"type":"country","value":"nl","requested":1},
        {"type":"countries","value":"NL, DE,FR","requested":1},
        {"type":"asn","value":3333,"requested":1},
        {"type":"asn","value":"AS3333","requested":1},
        {"type":"prefix","value":"192.0.2.0/24","requested":1},
        {"type":"probes","value":"1,2,5-7","requested":5},
        {"type":"msm","value":"1000001","requested":500},
        {"type":"msm","value":1000001,"requested":-1}])");
    ASSERT_THAT(faults, IsEmpty());
    ASSERT_EQ(list.size(), 10U);
    EXPECT_THAT(list[0].filter.countries, IsEmpty());
    EXPECT_EQ(list[0].requested, 5U);
    EXPECT_THAT(list[1].filter.countries, testing::Contains("DE"));
    EXPECT_THAT(list[2].filter.countries, ElementsAre("NL"));
    EXPECT_THAT(list[3].filter.countries, ElementsAre("NL", "DE", "FR"));
    EXPECT_EQ(list[4].filter.asn, 3333U);
    EXPECT_EQ(list[5].filter.asn, 3333U);
    EXPECT_EQ(list[6].filter.prefix->text(), "192.0.2.0/24");
    EXPECT_THAT(list[7].filter.ids, ElementsAre(1, 2, 5, 6, 7));
    EXPECT_EQ(list[8].filter.of_measurement->value(), 1'000'001);
    EXPECT_TRUE(list[9].all);
    EXPECT_EQ(list[9].requested, limits{}.probes_per_measurement);
}

TEST(sources, take_tags_that_are_missing_empty_or_half_filled)
{
    auto const [list, faults] = parse(R"([
        {"type":"area","value":"WW","requested":1,"tags":{}},
        {"type":"area","value":"WW","requested":1,"tags":null},
        {"type":"area","value":"WW","requested":1,"tags":{"include":["system-ipv4-works","home"]}},
        {"type":"area","value":"WW","requested":1,"tags":{"include":[],"exclude":["nat"]}},
        {"type":"area","value":"WW","requested":1,"tags_include":"a,b","tags_exclude":"c"}])");
    ASSERT_THAT(faults, IsEmpty());
    EXPECT_THAT(list[2].filter.tags_include, ElementsAre("system-ipv4-works", "home"));
    EXPECT_THAT(list[2].filter.tags_exclude, IsEmpty());
    EXPECT_THAT(list[3].filter.tags_exclude, ElementsAre("nat"));
    EXPECT_THAT(list[4].filter.tags_include, ElementsAre("a", "b"));
    EXPECT_THAT(list[4].filter.tags_exclude, ElementsAre("c"));
}

TEST(sources, point_at_what_is_wrong)
{
    struct row {
        std::string_view text, pointer;
    };
    for (auto const& [text, pointer] : {
             row{R"({})", "/probes"},
             row{R"([])", "/probes"},
             row{R"(["x"])", "/probes/0"},
             row{R"([{"value":"WW","requested":1}])", "/probes/0/type"},
             row{R"([{"type":"area","requested":1}])", "/probes/0/value"},
             row{R"([{"type":"planet","value":"WW","requested":1}])", "/probes/0/type"},
             row{R"([{"type":"area","value":"Mars","requested":1}])", "/probes/0/value"},
             row{R"([{"type":"area","value":"WW"}])", "/probes/0/requested"},
             row{R"([{"type":"area","value":"WW","requested":0}])", "/probes/0/requested"},
             row{R"([{"type":"area","value":"WW","requested":-2}])", "/probes/0/requested"},
             row{R"([{"type":"area","value":"WW","requested":1001}])", "/probes/0/requested"},
             row{R"([{"type":"area","value":"WW","requested":1.5}])", "/probes/0/requested"},
             row{R"([{"type":"country","value":"NLD","requested":1}])", "/probes/0/value"},
             row{R"([{"type":"asn","value":"AS","requested":1}])", "/probes/0/value"},
             row{R"([{"type":"asn","value":-1,"requested":1}])", "/probes/0/value"},
             row{R"([{"type":"prefix","value":"192.0.2.1/24","requested":1}])", "/probes/0/value"},
             row{R"([{"type":"probes","value":"1,x","requested":1}])", "/probes/0/value"},
             row{R"([{"type":"probes","value":"1-100000000","requested":1}])", "/probes/0/value"},
             row{R"([{"type":"msm","value":"0","requested":1}])", "/probes/0/value"},
             row{R"([{"type":"area","value":"WW","requested":1,"tags":"x"}])", "/probes/0/tags"},
             row{R"([{"type":"area","value":"WW","requested":1,"tags":{"include":[1]}}])", "/probes/0/tags/include"},
             row{R"([{"type":"area","value":"WW","requested":600},{"type":"asn","value":1,"requested":600}])",
                 "/probes"},
         }) {
        SCOPED_TRACE(text);
        auto const faults = parse(text).faults;
        ASSERT_EQ(faults.size(), 1U);
        EXPECT_EQ(faults[0].where, pointer);
    }
}

TEST(ids, are_numbers_and_ranges)
{
    EXPECT_THAT(*parse_ids("1, 2,5-9", 100), ElementsAre(1, 2, 5, 6, 7, 8, 9));
    EXPECT_THAT(*parse_ids("", 100), IsEmpty());
    EXPECT_THAT(*parse_ids("2147483647-2147483647", 100), ElementsAre(2147483647));
    for (auto const* text : {"0", "-1", "a", "1-", "5-1", "1-2-3", "2147483648"}) {
        EXPECT_EQ(parse_ids(text, 100).error(), errc::malformed) << text;
    }
    EXPECT_EQ(parse_ids("1-101", 100).error(), errc::too_large);
    EXPECT_EQ(parse_ids("1-2147483647", 100).error(), errc::too_large);
}

TEST(areas, share_no_country)
{
    std::vector<std::string> all;
    for (auto const* name : {"West", "North-Central", "South-Central", "North-East", "South-East"}) {
        auto const countries = countries_of_area(name);
        ASSERT_TRUE(countries) << name;
        all.insert(all.end(), countries->begin(), countries->end());
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
    EXPECT_GE(all.size(), 249U);
    EXPECT_THAT(*countries_of_area("WW"), IsEmpty());
    EXPECT_FALSE(countries_of_area("Centre"));
}

}  // namespace
}  // namespace tp::api
