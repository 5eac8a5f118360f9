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

TEST(paging, goes_on_after_a_number_however_long_the_list_is)
{
    auto const request = get("status=2&page=3&sort=-id");
    auto const list = cursor_envelope(request, *parse_page(request), 90'000, 1'021'778, {});
    EXPECT_EQ(list.at("next"),
              "https://[::1]:7443/api/v2/probes/?status=2&sort=-id&after=WzEwMjE3Nzhd");  // as Atlas writes it
    EXPECT_TRUE(cursor_envelope(request, *parse_page(request), 90'000, std::nullopt, {}).at("next").is_null());
    EXPECT_EQ(parse_cursor(get("after=WzEwMjE3Nzhd"))->value(), 1'021'778);
    EXPECT_EQ(parse_cursor(get("after=WzEwMDAwMDA3XQ=="))->value(), 10'000'007);
    EXPECT_FALSE(parse_cursor(get("after="))->has_value());
    for (auto const* wrong : {"after=7", "after=W10=", "after=WzFdx", "after=MTAyMTc3OA==", "after=[7]"})
        EXPECT_EQ(parse_cursor(get(wrong)).error().status, 400U) << wrong;
}

TEST(paging, reaches_every_probe)
{
    auto const request = get("page=588&page_size=100");
    auto const at = parse_page(request, page::all_probes);
    ASSERT_TRUE(at);
    EXPECT_EQ(at->offset(), 58'700U);
    EXPECT_EQ(envelope(request, *at, 58'801, {}).at("next"),
              "https://[::1]:7443/api/v2/probes/?page_size=100&page=589");
    EXPECT_EQ(parse_page(get("page=4294967295"), page::all_probes).error().status, 404U);
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

TEST(fields, show_times_as_they_are_wanted)
{
    json::object const whole{{"id", 1'700'000'000},
                             {"start_time", 1'700'000'000},
                             {"stop_time", nullptr},
                             {"status", json::object{{"id", 2}, {"when", 0}}}};
    struct row {
        std::string_view query;
        std::string expected;
    };
    std::string const plain =
        R"({"id":1700000000,"start_time":1700000000,"stop_time":null,"status":{"id":2,"when":0}})";
    std::string const iso = R"({"id":1700000000,"start_time":"2023-11-14T22:13:20Z","stop_time":null,)"
                            R"("status":{"id":2,"when":"1970-01-01T00:00:00Z"}})";
    for (auto const& [query, expected] : {
             row{"", plain},
             row{"format[datetime]=iso-8601", iso},
             row{"format%5Bdatetime%5D=json", iso},
             row{"format[datetime]=unix", plain},
             row{"format[datetime]=timestamp", plain},
             row{"format[datetime]=iso-8601&fields=status",
                 R"({"id":1700000000,"status":{"id":2,"when":"1970-01-01T00:00:00Z"}})"},
         }) {
        SCOPED_TRACE(query);
        auto object = whole;
        shape_object(object, get(query));
        EXPECT_EQ(json::serialize(object), expected);
    }
}

}  // namespace
}  // namespace tp::api
