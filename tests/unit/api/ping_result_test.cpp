#include "api/results/ping.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "api/results/text.hpp"

namespace tp::api {
namespace {

using std::chrono::nanoseconds;

store::result_row row()
{
    return {measurement_id::from(1'000'001).value(),
            probe_id::from(7).value(),
            from_unix_seconds(1'700'000'000) + std::chrono::milliseconds(900),
            1,
            1,
            0,
            from_unix_seconds(1'700'000'002),
            {}};
}

proto::report report()
{
    proto::report out;
    out.software = "0.1.0";
    out.since_clock_sync = std::chrono::seconds(20);
    out.target = "192.0.2.1";
    out.destination = parse_address("192.0.2.1").value();
    out.source = parse_address("10.0.0.2").value();
    out.seen_from = parse_address("198.51.100.7").value();
    proto::ping_report found;
    found.size = 48;
    found.packets = {{nanoseconds(9'100'000), 57, {}, {}, {}, 0},
                     {nanoseconds(9'300'001), 57, {}, {}, {}, 2},
                     {{}, {}, {}, {}, {}, 0}};
    out.found = found;
    return out;
}

std::string text_of(proto::report const& what, result_context const& context = {1'000'001, {}})
{
    std::string out;
    append_ping(out, row(), what, context);
    return out;
}

TEST(ping_result, is_written_as_atlas_does)
{
    EXPECT_EQ(text_of(report()),
              R"({"fw":5120,"mver":"0.1.0","lts":20,"dst_name":"192.0.2.1","af":4,"dst_addr":"192.0.2.1",)"
              R"("src_addr":"10.0.0.2","proto":"ICMP","ttl":57,"size":48,)"
              R"("result":[{"rtt":9.1},{"rtt":9.300001},{"x":"*"}],"dup":2,"rcvd":2,"sent":3,)"
              R"("min":9.1,"max":9.300001,"avg":9.2,"msm_id":1000001,"prb_id":7,"timestamp":1700000000,)"
              R"("msm_name":"Ping","from":"198.51.100.7","type":"ping","group_id":1000001,"step":null,)"
              R"("stored_timestamp":1700000002})");
}

TEST(ping_result, tells_what_differs_in_a_reply)
{
    auto odd = report();
    auto& packets = std::get<proto::ping_report>(odd.found).packets;
    packets[1].ttl = 60;
    packets[1].size = 40;
    packets[1].source = parse_address("192.0.2.9").value();
    packets[2].error = "sendto failed: Network is unreachable";
    auto const text = text_of(odd, {5, std::chrono::seconds(60)});
    EXPECT_NE(text.find(R"({"rtt":9.300001,"ttl":60,"size":40,"src_addr":"192.0.2.9"})"), std::string::npos);
    EXPECT_NE(text.find(R"({"error":"sendto failed: Network is unreachable"})"), std::string::npos);
    EXPECT_NE(text.find(R"("group_id":5,"step":60,)"), std::string::npos);
}

TEST(ping_result, of_a_total_loss_has_minus_one)
{
    auto lost = report();
    auto& packets = std::get<proto::ping_report>(lost.found).packets;
    packets.assign(3, proto::ping_packet{});
    auto const text = text_of(lost);
    EXPECT_NE(
        text.find(R"("result":[{"x":"*"},{"x":"*"},{"x":"*"}],"dup":0,"rcvd":0,"sent":3,"min":-1,"max":-1,"avg":-1)"),
        std::string::npos);
    EXPECT_EQ(text.find("\"ttl\""), std::string::npos);
}

TEST(ping_result, of_a_whole_failure_has_one_error)
{
    proto::report failed;
    failed.software = "0.1.0";
    failed.target = "nowhere.example";
    failed.af = proto::family::v6;
    failed.resolve_time = std::chrono::microseconds(1500);
    failed.failed = proto::failure{proto::failure_source::resolver, "dns resolution failed: \"no such name\""};
    failed.found = proto::ping_report{48, {}};
    EXPECT_EQ(
        text_of(failed),
        R"({"fw":5120,"mver":"0.1.0","lts":-1,"dst_name":"nowhere.example","af":6,"ttr":1.5,"proto":"ICMP","size":48,)"
        R"("result":[{"error":"dns resolution failed: \"no such name\""}],"dup":0,"rcvd":0,"sent":0,)"
        R"("min":-1,"max":-1,"avg":-1,"msm_id":1000001,"prb_id":7,"timestamp":1700000000,)"
        R"("msm_name":"Ping","from":"","type":"ping","group_id":1000001,"step":null,"stored_timestamp":1700000002})");
}

TEST(ping_result, leaves_out_a_row_that_cannot_be_read)
{
    auto broken = row();
    broken.payload = "\xff\xff\xff";
    std::string out;
    EXPECT_FALSE(append_result(out, broken, {}));
    EXPECT_EQ(out, "");
    broken.kind = 99;
    EXPECT_FALSE(append_result(out, broken, {}));
}

TEST(ping_result, is_read_back_from_the_store)
{
    auto stored = row();
    stored.payload = proto::encode(report());
    std::string out;
    ASSERT_TRUE(append_result(out, stored, {1'000'001, {}}));
    EXPECT_EQ(out, text_of(report()));
}

TEST(result_text, escapes_and_repairs)
{
    struct row {
        std::string text, expected;
    };
    for (auto const& [text, expected] : {
             row{"plain", R"("plain")"},
             row{"q\" b\\ n\n", R"("q\" b\\ n\n")"},
             row{std::string("\0\x1f\x7f", 3), R"("\u0000\u001f\u007f")"},
             row{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
             row{"a\xff"
                 "b",
                 "\"a\xEF\xBF\xBD"
                 "b\""},
             row{"\xc0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
             row{"\xed\xa0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
             row{"\xe2\x82", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
         }) {
        std::string out;
        append_string(out, text);
        EXPECT_EQ(out, expected);
        EXPECT_TRUE(boost::json::parse(out).is_string());
    }
}

TEST(result_text, keeps_every_nanosecond)
{
    struct row {
        std::int64_t nanoseconds;
        std::string expected;
    };
    for (auto const& [count, expected] :
         {row{0, "0"}, row{1, "0.000001"}, row{1'000'000, "1"}, row{9'123'456, "9.123456"}, row{1'020'000, "1.02"},
          row{123'456'789'012, "123456.789012"}, row{-1'500'000, "-1.5"}}) {
        std::string out;
        append_milliseconds(out, std::chrono::nanoseconds(count));
        EXPECT_EQ(out, expected);
    }
}

}  // namespace
}  // namespace tp::api
