#include "api/measurements/definitions.hpp"

#include <gmock/gmock.h>

#include "api/measurements/targets.hpp"

namespace tp::api {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

auto const now = from_unix_seconds(1'700'000'000);
constexpr std::string_view probes = R"("probes":[{"type":"area","value":"WW","requested":1}])";

/// A request with one definition that has these members besides the required ones.
std::string with(std::string_view members, std::string_view root = "")
{
    return R"({"definitions":[{"type":"ping","af":4,"target":"192.88.99.1","description":"x")" +
           std::string(members.empty() ? "" : ",") + std::string(members) + "}]," + std::string(root) +
           std::string(root.empty() ? "" : ",") + std::string(probes) + '}';
}

checked<creation> parse(std::string const& body)
{
    return parse_creation(body, limits{}, now, "");
}

TEST(creation, has_the_defaults_of_atlas)
{
    auto const made = parse(with(""));
    ASSERT_TRUE(made);
    ASSERT_EQ(made->definitions.size(), 1U);
    auto const& one = made->definitions[0];
    EXPECT_EQ(one.options, proto::options(proto::ping_options{}));
    EXPECT_EQ(one.af, proto::family::v4);
    EXPECT_TRUE(one.is_public);
    EXPECT_FALSE(one.resolve_on_probe);
    EXPECT_FALSE(one.skip_dns_check);
    EXPECT_TRUE(parse(with("", R"("skip_dns_check":true)"))->definitions[0].skip_dns_check);
    EXPECT_EQ(one.when.start, now);
    EXPECT_EQ(one.when.interval, seconds(240));
    EXPECT_EQ(one.when.spread, seconds(120));
    EXPECT_FALSE(one.when.stop);
    EXPECT_EQ(made->sources_text, R"([{"type":"area","value":"WW","requested":1}])");
}

TEST(creation, reads_every_field)
{
    auto const made = parse(
        R"({"definitions":[{"type":"ping","af":"6","target":"example.net","description":"d","packets":16,"size":2048,
        "packet_interval":2,"include_probe_id":true,"is_public":false,"resolve_on_probe":true,"tags":["a"],
        "interval":600,"spread":30,"start_time":1700000100,"stop_time":"2023-11-14T23:13:20Z",
        "port":80,"unknown":{"x":[1]}}],)" +
        std::string(probes) + ",\"bill_to\":\"a@example.net\"}");
    ASSERT_TRUE(made);
    auto const& one = made->definitions[0];
    EXPECT_EQ(one.options, proto::options(proto::ping_options{16, 2048, std::chrono::milliseconds(2), true}));
    EXPECT_EQ(one.af, proto::family::v6);
    EXPECT_FALSE(one.is_public);
    EXPECT_TRUE(one.resolve_on_probe);
    EXPECT_THAT(one.tags, ElementsAre("a"));
    EXPECT_EQ(one.when, (proto::timetable{now + seconds(100), now + seconds(3600), seconds(600), seconds(30)}));
}

TEST(creation, takes_root_values_for_all_definitions)
{
    auto const one_off = parse(with("", R"("is_oneoff":true)"));
    ASSERT_TRUE(one_off);
    EXPECT_FALSE(one_off->definitions[0].when.interval);
    EXPECT_EQ(one_off->definitions[0].when.spread, seconds(0));

    auto const periodic =
        parse(with("", R"("interval":120,"spread":0,"start_time":1700000060,"stop_time":1700001000)"));
    ASSERT_TRUE(periodic);
    EXPECT_EQ(periodic->definitions[0].when,
              (proto::timetable{now + seconds(60), now + seconds(1000), seconds(120), seconds(0)}));
    EXPECT_EQ(parse(with(R"("interval":300)", R"("interval":120)"))->definitions[0].when.interval, seconds(300));
}

TEST(creation, begins_now_when_the_start_has_passed)
{
    EXPECT_EQ(parse(with(R"("start_time":1)"))->definitions[0].when.start, now);
}

TEST(creation, points_at_what_is_wrong)
{
    struct row {
        std::string body, pointer;
    };
    std::string const rest = "]," + std::string(probes) + '}';
    for (auto const& [body, pointer] : {
             row{"", ""},
             row{"{", ""},
             row{"[]", ""},
             row{"{\"definitions\":[" + rest, "/definitions"},
             row{"{" + std::string(probes) + '}', "/definitions"},
             row{"{\"definitions\":[1" + rest, "/definitions/0"},
             row{R"({"definitions":[{"type":"ping","af":4,"target":"a.example","description":""}]})", "/probes"},
             row{R"({"definitions":[{"af":4,"target":"a.example","description":""})" + rest, "/definitions/0/type"},
             row{R"({"definitions":[{"type":"ping","target":"a.example","description":""})" + rest,
                 "/definitions/0/af"},
             row{R"({"definitions":[{"type":"ping","af":4,"description":""})" + rest, "/definitions/0/target"},
             row{R"({"definitions":[{"type":"ping","af":4,"target":"a.example"})" + rest, "/definitions/0/description"},
             row{R"({"definitions":[{"type":"wifi","af":4,"target":"a.example","description":""})" + rest,
                 "/definitions/0/type"},
             row{R"({"definitions":[{"type":"ping","af":5,"target":"a.example","description":""})" + rest,
                 "/definitions/0/af"},
             row{R"({"definitions":[{"type":"ping","af":6,"target":"192.88.99.1","description":""})" + rest,
                 "/definitions/0/target"},
             row{R"({"definitions":[{"type":"ping","af":4,"target":"a b","description":""})" + rest,
                 "/definitions/0/target"},
             row{R"({"definitions":[{"type":"ping","af":4,"target":"a\u0000b","description":""})" + rest,
                 "/definitions/0/target"},
             row{R"({"definitions":[{"type":"ping","af":4,"target":"first-hop","resolve_on_probe":true,)"
                 R"("description":""})" +
                     rest,
                 "/definitions/0/target"},
             row{R"({"definitions":[{"type":"traceroute","af":4,"target":"second-hop","resolve_on_probe":true,)"
                 R"("protocol":"TCP","port":443,"description":""})" +
                     rest,
                 "/definitions/0/target"},
             row{with(R"("packets":0)"), "/definitions/0/packets"},
             row{with(R"("packets":17)"), "/definitions/0/packets"},
             row{with(R"("packets":"x")"), "/definitions/0/packets"},
             row{with(R"("size":2049)"), "/definitions/0/size"},
             row{with(R"("packet_interval":1)"), "/definitions/0/packet_interval"},
             row{with(R"("packet_interval":30001)"), "/definitions/0/packet_interval"},
             row{with(R"("interval":59)"), "/definitions/0/interval"},
             row{with(R"("interval":60,"spread":61)"), "/definitions/0/spread"},
             row{with(R"("is_oneoff":true,"stop_time":1700001000)"), "/definitions/0/stop_time"},
             row{with("", R"("is_oneoff":true,"stop_time":1700001000)"), "/definitions/0/stop_time"},
             row{with(R"("stop_time":1699999999)"), "/definitions/0/stop_time"},
             row{with(R"("start_time":"soon")"), "/definitions/0/start_time"},
             row{with(R"("start_time":4000000000)"), "/definitions/0/start_time"},
             row{with(R"("is_public":"perhaps")"), "/definitions/0/is_public"},
             row{with(R"("start_time":1700000100)", R"("start_time":1700000200)"), "/definitions/0/start_time"},
         }) {
        SCOPED_TRACE(body);
        auto const made = parse(body);
        ASSERT_FALSE(made);
        ASSERT_EQ(made.error().faults.size(), 1U);
        EXPECT_EQ(made.error().faults[0].where, pointer);
        EXPECT_EQ(made.error().status, 400U);
    }
}

TEST(creation, tells_all_that_is_wrong)
{
    auto const made = parse(R"({"definitions":[{"type":"ping"}],"probes":[{"type":"area"}]})");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().faults.size(), 4U);
    EXPECT_NE(to_json(made.error()).find("There were problems"), std::string::npos);
}

TEST(creation, wants_one_timetable_for_all_definitions)
{
    std::string const definition = R"({"type":"ping","af":4,"target":"a.example","description":"")";
    auto const made = parse("{\"definitions\":[" + definition + "," + R"("is_oneoff":true},)" + definition + "}]," +
                            std::string(probes) + '}');
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().faults.at(0).where, "/definitions/1/is_oneoff");
}

TEST(creation, is_bounded)
{
    std::string many = "{\"definitions\":[";
    for (int i = 0; i < 101; ++i) many += std::string(i == 0 ? "" : ",") + "{}";
    auto const made = parse(many + "]," + std::string(probes) + '}');
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().faults.at(0).where, "/definitions");

    std::string const deep = std::string(100'000, '[');
    EXPECT_FALSE(parse(deep));
}

TEST(creation, obeys_the_configured_interval)
{
    limits quick;
    quick.shortest_interval = seconds(1);
    EXPECT_EQ(parse_creation(with(R"("interval":1)"), quick, now, "")->definitions[0].when.interval, seconds(1));
}

TEST(targets, of_special_purpose_are_known)
{
    for (auto const* text : {"127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.1.1", "224.0.0.1", "100.64.0.1", "::1",
                             "fe80::1", "fd00::1", "ff02::1", "::ffff:8.8.8.8", "2001:db8::1", "255.255.255.255"}) {
        EXPECT_TRUE(is_special(parse_address(text).value())) << text;
    }
    for (auto const* text : {"8.8.8.8", "193.0.6.139", "2001:67c:2e8::1", "2606:4700::1111", "172.32.0.1"}) {
        EXPECT_FALSE(is_special(parse_address(text).value())) << text;
    }
}

}  // namespace
}  // namespace tp::api
