#include "api/cli/measure/wish.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

namespace tp::cli {
namespace {

using boost::json::parse;

measure_wish wish_for(std::string target)
{
    measure_wish out;
    out.target = std::move(target);
    return out;
}

boost::json::value body_of(measure_wish const& wish)
{
    return parse(request_body(wish, from_unix_seconds(1'000)));
}

TEST(wish, asks_five_probes_anywhere_once)
{
    EXPECT_EQ(body_of(wish_for("ping.example.net")), parse(R"({
        "definitions": [{"type": "ping", "af": 4, "target": "ping.example.net", "description": "ping ping.example.net"}],
        "probes": [{"type": "area", "value": "WW", "requested": 5}], "is_oneoff": true})"));
}

TEST(wish, writes_every_option)
{
    auto wish = wish_for("2001:db8::1");
    wish.options = {{"packets", 5}, {"size", 100}};
    wish.spread = 30;
    wish.resolve_on_probe = true;
    wish.country = "NL";
    wish.probes = 20;
    wish.interval = 60;
    wish.stop_after = 600;
    wish.hidden = true;
    wish.description = "d";
    EXPECT_EQ(body_of(wish), parse(R"({
        "definitions": [{"type": "ping", "af": 6, "target": "2001:db8::1", "description": "d", "packets": 5, "size": 100,
                         "resolve_on_probe": true, "interval": 60, "spread": 30, "is_public": false}],
        "probes": [{"type": "country", "value": "NL", "requested": 20}], "is_oneoff": false, "stop_time": 1600})"));
}

TEST(wish, names_the_probes_in_each_way)
{
    auto const source = [](auto set) {
        auto wish = wish_for("192.0.2.1");
        set(wish);
        EXPECT_EQ(complaint_about(wish), std::nullopt);
        return body_of(wish).at("probes").at(0);
    };
    EXPECT_EQ(source([](auto& w) { w.probe_ids = "3,14"; }),
              parse(R"({"type": "probes", "value": "3,14", "requested": 2})"));
    EXPECT_EQ(source([](auto& w) { w.asn = 3333; }), parse(R"({"type": "asn", "value": 3333, "requested": 5})"));
    EXPECT_EQ(source([](auto& w) { w.prefix = "192.0.2.0/24"; }),
              parse(R"({"type": "prefix", "value": "192.0.2.0/24", "requested": 5})"));
    EXPECT_EQ(source([](auto& w) { w.from_measurement = 1'000'001; }),
              parse(R"({"type": "msm", "value": 1000001, "requested": -1})"));
}

TEST(wish, complains_in_plain_words)
{
    using testing::HasSubstr;
    auto const complaint = [](auto set) {
        auto wish = wish_for("192.0.2.1");
        set(wish);
        return complaint_about(wish).value_or("");
    };
    EXPECT_THAT(complaint([](auto& w) { w.country = "NL", w.asn = 1; }), HasSubstr("only one of"));
    EXPECT_THAT(complaint([](auto& w) { w.probe_ids = "1,,2"; }), HasSubstr("1,,2"));
    EXPECT_THAT(complaint([](auto& w) { w.probe_ids = "1,2,"; }), HasSubstr("--probe-ids"));
    EXPECT_THAT(complaint([](auto& w) { w.probe_ids = "0"; }), HasSubstr("--probe-ids"));
    EXPECT_THAT(complaint([](auto& w) { w.af = 5; }), HasSubstr("neither 4 nor 6"));
    EXPECT_THAT(complaint([](auto& w) { w.af = 6; }), HasSubstr("does not fit"));
    EXPECT_THAT(complaint([](auto& w) { w.probes = 0; }), HasSubstr("--probes"));
    EXPECT_THAT(complaint([](auto& w) { w.prefix = "192.0.2.1/24"; }), HasSubstr("--prefix"));
    EXPECT_THAT(complaint([](auto& w) { w.stop_after = 5; }), HasSubstr("--interval"));
    EXPECT_EQ(complaint([](auto& w) { w.interval = 60; }), "");
}

}  // namespace
}  // namespace tp::cli
