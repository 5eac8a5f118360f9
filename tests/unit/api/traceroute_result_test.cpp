#include <gtest/gtest.h>

#include "tests/unit/api/result_samples.hpp"

namespace tp::api {
namespace {

using namespace samples;

proto::trace_reply reply(std::string_view from, nanoseconds round_trip, unsigned ttl = 64, unsigned size = 28)
{
    proto::trace_reply out;
    out.from = address(from);
    out.round_trip = round_trip;
    out.ttl = ttl;
    out.size = size;
    return out;
}

proto::traceroute_report trace(std::vector<proto::trace_hop> hops)
{
    proto::traceroute_report out;
    out.protocol = proto::trace_protocol::icmp;
    out.paris_id = 3;
    out.size = 48;
    out.ended = from_unix_seconds(1'700'000'001);
    out.hops = std::move(hops);
    return out;
}

/// The JSON of one reply.
std::string text_of_reply(proto::trace_reply const& one)
{
    auto const text = text_of(report(trace({{1, {}, {one}}})));
    auto const begin = text.find(R"("result":[{"hop":1,"result":[)") + 29;
    return text.substr(begin, text.find(R"(]}],"stopped_by")") - begin);
}

TEST(traceroute_result, is_written_as_atlas_does)
{
    auto const text = text_of(report(trace({
        {1, {}, {reply("10.0.0.1", microseconds(1963)), {}, reply("10.0.0.1", microseconds(2324))}},
        {2, {}, {{}, {}, {}}},
        {3, "sendto failed: Network is unreachable", {}},
        {255, {}, {reply("192.0.2.1", nanoseconds(12'345'678), 57, 48)}},
    })));
    EXPECT_EQ(text, enclosed(R"("dst_name":"192.0.2.1","af":4,"dst_addr":"192.0.2.1","src_addr":"10.0.0.2",)"
                             R"("endtime":1700000001,"proto":"ICMP","size":48,"paris_id":3,"result":[)"
                             R"({"hop":1,"result":[{"from":"10.0.0.1","ttl":64,"size":28,"rtt":1.963},{"x":"*"},)"
                             R"({"from":"10.0.0.1","ttl":64,"size":28,"rtt":2.324}]},)"
                             R"({"hop":2,"result":[{"x":"*"},{"x":"*"},{"x":"*"}]},)"
                             R"({"hop":3,"error":"sendto failed: Network is unreachable"},)"
                             R"({"hop":255,"result":[{"from":"192.0.2.1","ttl":57,"size":48,"rtt":12.345678}]}],)"
                             R"("stopped_by":"reached")",
                             "Traceroute", "traceroute"));
}

TEST(traceroute_result, has_letters_for_errors)
{
    using enum proto::trace_error;
    struct row {
        proto::trace_error error;
        std::string_view expected;
    };
    for (auto const& [error, expected] :
         {row{none, ""}, row{network, R"(,"err":"N")"}, row{host, R"(,"err":"H")"}, row{protocol, R"(,"err":"P")"},
          row{port, R"(,"err":"p")"}, row{prohibited, R"(,"err":"A")"}, row{beyond_scope, R"(,"err":"h")"},
          row{other, R"(,"err":5)"}}) {
        auto one = reply("10.0.0.1", milliseconds(1));
        one.error = error;
        one.error_code = 5;
        EXPECT_EQ(text_of_reply(one), R"({"from":"10.0.0.1","ttl":64,"size":28,"rtt":1)" + std::string(expected) + '}');
    }
}

TEST(traceroute_result, tells_late_answers_and_duplicates_first)
{
    auto late = reply("10.0.0.1", milliseconds(1));
    late.late = 2;
    EXPECT_EQ(text_of_reply(late), R"({"late":2,"from":"10.0.0.1","ttl":64,"size":28})");
    auto twice = reply("10.0.0.1", milliseconds(1));
    twice.duplicate = true;
    EXPECT_EQ(text_of_reply(twice), R"({"dup":true,"from":"10.0.0.1","ttl":64,"size":28,"rtt":1})");
}

TEST(traceroute_result, tells_what_else_an_answer_holds)
{
    auto one = reply("10.0.0.1", milliseconds(1));
    one.quoted_ttl = 2;
    one.tos = 192;
    one.quoted_tos = 8;
    one.quoted_destination = address("192.0.2.9");
    one.mtu = 1400;
    one.hop_by_hop_size = 16;
    one.destination_option_size = 8;
    one.tcp_flags = 0x12;
    one.mss = 1460;
    one.extension = proto::icmp_extension{2, false, {{1, 1, {{347'296, 1, true, 254}, {16, 0, false, 1}}}, {2, 3, {}}}};
    EXPECT_EQ(
        text_of_reply(one),
        R"({"from":"10.0.0.1","ttl":64,"size":28,"rtt":1,"ittl":2,"tos":192,"itos":8,"edst":"192.0.2.9",)"
        R"("mtu":1400,"hbhoptsize":16,"dstoptsize":8,"flags":"SA","hdropts":[{"mss":1460}],)"
        R"("icmpext":{"version":2,"rfc4884":0,"obj":[{"class":1,"type":1,"mpls":[)"
        R"({"exp":1,"label":347296,"s":1,"ttl":254},{"exp":0,"label":16,"s":0,"ttl":1}]},{"class":2,"type":3}]}})");
    one = reply("10.0.0.1", milliseconds(1));
    one.tcp_flags = 0x14;
    EXPECT_EQ(text_of_reply(one), R"({"from":"10.0.0.1","ttl":64,"size":28,"rtt":1,"flags":"RA"})");
}

TEST(traceroute_result, of_a_classic_trace_has_no_paris_id)
{
    auto classic = trace({});
    classic.paris_id = 0;
    classic.protocol = proto::trace_protocol::tcp;
    classic.unprivileged = true;
    classic.stopped_by = proto::trace_end::gap_limit;
    EXPECT_EQ(text_of(report(classic)),
              enclosed(R"("dst_name":"192.0.2.1","af":4,"dst_addr":"192.0.2.1","src_addr":"10.0.0.2",)"
                       R"("endtime":1700000001,"proto":"TCP","size":48,"result":[],"stopped_by":"gap_limit",)"
                       R"("unprivileged":true)",
                       "Traceroute", "traceroute"));
}

TEST(traceroute_result, of_a_whole_failure_has_one_error)
{
    auto const text = text_of(failed(trace({}), proto::failure_source::guard, "address not allowed"));
    EXPECT_NE(text.find(R"("result":[{"error":"address not allowed"}],"msm_id")"), std::string::npos);
    EXPECT_TRUE(text.ends_with(R"("stored_timestamp":1700000002,"failure_source":"guard"})"));
}

}  // namespace
}  // namespace tp::api
