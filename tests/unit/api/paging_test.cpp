#include "api/paging.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tp::api {
namespace {

namespace json = boost::json;

http::request get(std::string_view query)
{
    http::request out;
    out.path = "/api/v2/probes/";
    out.host = "[::1]:7443";
    out.secure = true;
    out.query = http::parse_query(query);
    return out;
}

TEST(paging, has_the_defaults_of_atlas)
{
    auto const usual = parse_page(get(""));
    ASSERT_TRUE(usual);
    EXPECT_EQ(usual->number, 1U);
    EXPECT_EQ(usual->size, 50U);
    EXPECT_EQ(parse_page(get("page_size=10000"))->size, 500U);
    EXPECT_EQ(parse_page(get("page=3&page_size=20"))->offset(), 40U);
}

TEST(paging, refuses_what_is_no_page)
{
    for (auto const* query : {"page=0", "page=x", "page=-1", "page_size=0", "page_size=1.5", "page=99999999999"}) {
        EXPECT_EQ(parse_page(get(query)).error().status, 400U) << query;
    }
    EXPECT_EQ(parse_page(get("page=401")).error().status, 404U);  // beyond 20,000 objects
    EXPECT_EQ(parse_page(get("page=4294967295&page_size=500")).error().status, 404U);
}

TEST(paging, links_lead_back_here_and_keep_the_query)
{
    auto const request = get("status=1&tags=a%26b&page=2&page_size=10");
    auto const list = envelope(request, *parse_page(request), 25, {});
    EXPECT_EQ(list.at("next"), "https://[::1]:7443/api/v2/probes/?status=1&tags=a%26b&page_size=10&page=3");
    EXPECT_EQ(list.at("previous"), "https://[::1]:7443/api/v2/probes/?status=1&tags=a%26b&page_size=10&page=1");
    EXPECT_EQ(list.at("count"), 25);
}

TEST(paging, ends)
{
    auto const request = get("page=3&page_size=10");
    EXPECT_TRUE(envelope(request, *parse_page(request), 30, {}).at("next").is_null());
    auto const first = get("");
    EXPECT_TRUE(envelope(first, *parse_page(first), 0, {}).at("previous").is_null());
}

TEST(fields, are_selected)
{
    json::object const whole{{"id", 1}, {"type", "ping"}, {"a", 1}, {"b", 2}};
    struct row {
        std::string_view query;
        std::string expected;
    };
    for (auto const& [query, expected] : {
             row{"", R"({"id":1,"type":"ping","a":1,"b":2})"},
             row{"fields=b,c", R"({"id":1,"type":"ping","b":2})"},
             row{"fields=", R"({"id":1,"type":"ping"})"},
             row{"fields=a&optional_fields=b", R"({"id":1,"type":"ping","a":1,"b":2})"},
         }) {
        SCOPED_TRACE(query);
        auto object = whole;
        select_fields(object, get(query));
        EXPECT_EQ(json::serialize(object), expected);
    }
    EXPECT_TRUE(wants_field(get("fields=probes,status"), "probes"));
    EXPECT_TRUE(wants_field(get("optional_fields=probes"), "probes"));
    EXPECT_FALSE(wants_field(get(""), "probes"));
}

}  // namespace
}  // namespace tp::api
