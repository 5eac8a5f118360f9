#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "api/results/text.hpp"
#include "tests/unit/api/result_samples.hpp"

namespace tp::api {
namespace {

using namespace samples;

proto::report report()
{
    proto::ping_report found;
    found.size = 48;
    found.packets = {{nanoseconds(9'100'000), 57, {}, {}, {}, 0},
                     {nanoseconds(9'300'001), 57, {}, {}, {}, 2},
                     {{}, {}, {}, {}, {}, 0}};
    return samples::report(found);
}

store::result_row row()
{
    return samples::row(proto::result_kind::ping);
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
        R"("msm_name":"Ping","from":"","type":"ping","group_id":1000001,"step":null,"stored_timestamp":1700000002,)"
        R"("failure_source":"resolver"})");
}

TEST(ping_result, tells_late_replies_and_who_sent_an_error)
{
    auto odd = report();
    auto& packets = std::get<proto::ping_report>(odd.found).packets;
    packets[1].late = true;
    packets[2].error = "host unreachable";
    packets[2].source = address("10.0.0.1");
    auto const text = text_of(odd);
    EXPECT_NE(text.find(R"({"rtt":9.300001,"late":true})"), std::string::npos);
    EXPECT_NE(text.find(R"({"error":"host unreachable","src_addr":"10.0.0.1"})"), std::string::npos);
}

TEST(result, tells_how_it_was_taken_after_all_that_atlas_has)
{
    auto told = report();
    told.clock = proto::clock_kind::kernel_receive;
    told.planned = from_unix_seconds(1'700'000'000) + milliseconds(250);
    told.jobs_beside = 3;
    EXPECT_TRUE(text_of(told).ends_with(R"("stored_timestamp":1700000002,"clock":"kernel-receive",)"
                                        R"("planned":1700000000.25,"started":1700000000.9,"jobs_beside":3})"));
    told.clock = proto::clock_kind::kernel;
    EXPECT_NE(text_of(told).find(R"("clock":"kernel",)"), std::string::npos);
    told.clock = proto::clock_kind::user;
    EXPECT_NE(text_of(told).find(R"("clock":"user",)"), std::string::npos);
}

TEST(result, is_of_the_type_that_its_row_names)
{
    auto stored = samples::row(proto::result_kind::ntp);
    stored.payload = proto::encode(report());
    std::string out;
    EXPECT_FALSE(append_result(out, stored, {}));
    EXPECT_EQ(out, "");
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

TEST(result_text, writes_seconds_exactly)
{
    struct row {
        std::int64_t nanoseconds;
        std::string plain, fixed;
    };
    for (auto const& [count, plain, fixed] :
         {row{0, "0", "0.000000000"}, row{1, "0.000000001", "0.000000001"}, row{1'500'000'000, "1.5", "1.500000000"},
          row{-334'001, "-0.000334001", "-0.000334001"}, row{-2'000'000'000, "-2", "-2.000000000"}}) {
        std::string out;
        append_seconds(out, std::chrono::nanoseconds(count));
        EXPECT_EQ(out, plain);
        out.clear();
        append_fixed_seconds(out, std::chrono::nanoseconds(count));
        EXPECT_EQ(out, fixed);
    }
}

TEST(result_text, writes_times_of_ntp)
{
    struct row {
        std::uint64_t at;
        std::string expected;
    };
    for (auto const& [at, expected] :
         {row{0, "0.000000000"}, row{1, "0.000000000"}, row{3, "0.000000001"}, row{0x8000'0000, "0.500000000"},
          row{0xFFFF'FFFF, "1.000000000"}, row{0xFFFF'FFFF'FFFF'FFFF, "4294967296.000000000"}}) {
        std::string out;
        append_ntp_time(out, at);
        EXPECT_EQ(out, expected);
    }
}

TEST(result_text, writes_base64)
{
    struct row {
        std::string octets, expected;
    };
    for (auto const& [octets, expected] : {row{"", ""}, row{"f", "Zg=="}, row{"fo", "Zm8="}, row{"foo", "Zm9v"},
                                           row{"foob", "Zm9vYg=="}, row{"\xfb\xff\xfe", "+//+"}}) {
        std::string out;
        append_base64(out, octets);
        EXPECT_EQ(out, expected);
    }
}

TEST(result_text, writes_numbers_that_can_be_read_again)
{
    struct row {
        double number;
        std::string expected;
    };
    for (auto const& [number, expected] :
         {row{0, "0"}, row{64, "64"}, row{0.125, "0.125"}, row{9.5367431640625e-07, "9.5367431640625e-07"}}) {
        std::string out;
        append_real(out, number);
        EXPECT_EQ(out, expected);
    }
}

}  // namespace
}  // namespace tp::api
