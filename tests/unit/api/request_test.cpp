#include "api/http/request.hpp"

#include <gmock/gmock.h>

namespace tp::api::http {
namespace {

using testing::ElementsAre;

TEST(query, reads_what_real_clients_send)
{
    EXPECT_THAT(parse_query("id__in=1%2C2,3&fields=probes,status&key="),
                ElementsAre(parameter{"id__in", "1,2,3"}, parameter{"fields", "probes,status"}, parameter{"key", ""}));
    EXPECT_THAT(parse_query("format[datetime]=unix&a=b+c&&flag"),
                ElementsAre(parameter{"format[datetime]", "unix"}, parameter{"a", "b c"}, parameter{"flag", ""}));
}

TEST(query, keeps_an_escape_that_is_none)
{
    EXPECT_THAT(parse_query("a=100%&b=%zz&c=%4"),
                ElementsAre(parameter{"a", "100%"}, parameter{"b", "%zz"}, parameter{"c", "%4"}));
}

TEST(query, is_bounded)
{
    std::string text;
    for (int i = 0; i < 1'000; ++i) text += "a=1&";
    EXPECT_EQ(parse_query(text).size(), most_parameters);
}

TEST(query, encoding_survives_the_way_back)
{
    std::string all;
    for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
    EXPECT_EQ(percent_decoded(percent_encoded(all), true), all);
}

TEST(request, counts_an_empty_parameter_as_absent)
{
    request given;
    given.query = parse_query("key=&page=2");
    EXPECT_FALSE(given.find("key"));
    EXPECT_TRUE(given.has("key"));
    EXPECT_EQ(given.find("page"), "2");
}

TEST(request, takes_only_hosts_into_links)
{
    for (auto const* good : {"localhost", "127.0.0.1:7480", "[::1]:7480", "atlas.example.net"}) {
        EXPECT_TRUE(is_host(good)) << good;
    }
    for (auto const* bad : {"", "a/b", "a b", "a\"b", "user@host", "<x>"}) EXPECT_FALSE(is_host(bad)) << bad;
    EXPECT_FALSE(is_host(std::string(256, 'a')));
}

}  // namespace
}  // namespace tp::api::http
