#include "probe/measure/traceroute/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/traceroute/internet.hpp"

namespace tp::probe {
namespace {

using proto::trace_end;
using proto::trace_protocol;

constexpr char const* to = "192.0.2.1";

stage hop(std::string address, std::chrono::microseconds round_trip)
{
    return {{{.address = std::move(address), .round_trip = round_trip}}};
}

/// Four routers, 1 to 4 ms away, and the target at 10 ms.
std::vector<stage> line()
{
    return {hop("192.0.2.11", 1ms), hop("192.0.2.12", 2ms), hop("192.0.2.13", 3ms), hop("192.0.2.14", 4ms)};
}

router silent(std::string address)
{
    router out{.address = std::move(address)};
    out.answers = [](unsigned) { return false; };
    return out;
}

constexpr char const* whole_path =
    "1 192.0.2.11=1 192.0.2.11=1 192.0.2.11=1\n"
    "2 192.0.2.12=2 192.0.2.12=2 192.0.2.12=2\n"
    "3 192.0.2.13=3 192.0.2.13=3 192.0.2.13=3\n"
    "4 192.0.2.14=4 192.0.2.14=4 192.0.2.14=4\n"
    "5 192.0.2.1=10 192.0.2.1=10 192.0.2.1=10";

TEST(trace_run, walks_to_the_target_by_every_protocol)
{
    for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp, trace_protocol::tcp})
        for (unsigned const paris : {0U, 7U}) {
            SCOPED_TRACE(static_cast<int>(protocol));
            internet net(line(), {.address = to});
            auto const got = trace(net, {.protocol = protocol, .paris = paris}, to, paris);
            EXPECT_EQ(text_of(got.report), whole_path);
            EXPECT_EQ(got.report.stopped_by, trace_end::reached);
            EXPECT_EQ(got.clock, proto::clock_kind::kernel);
        }
}

TEST(trace_run, walks_the_same_way_over_ipv6)
{
    for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp, trace_protocol::tcp}) {
        internet net({hop("2001:db8::11", 1ms), hop("2001:db8::12", 2ms)}, {.address = "2001:db8::1"});
        auto const got = trace(net, {.protocol = protocol, .packets = 1}, "2001:db8::1");
        EXPECT_EQ(text_of(got.report), "1 2001:db8::11=1\n2 2001:db8::12=2\n3 2001:db8::1=10");
    }
}

TEST(trace_run, asks_the_target_a_few_times_too_often_at_most)
{
    for (unsigned const packets : {1U, 3U, 16U}) {
        internet net(line(), {.address = to});
        auto const got = trace(net, {.protocol = trace_protocol::icmp, .packets = packets}, to);
        EXPECT_EQ(got.report.hops.size(), 5U);
        auto const at_target = static_cast<unsigned>(std::count(net.asked.begin(), net.asked.end(), to));
        EXPECT_GE(at_target, packets);
        EXPECT_LE(at_target, packets + (trace_run::usual_window - 1) * packets);
    }
}

TEST(trace_run, sends_nothing_behind_a_target_that_answers_quickly)
{
    internet net(line(), {.address = to, .round_trip = 9ms});
    auto const got = trace(net, {.protocol = trace_protocol::icmp, .packets = 1}, to);
    EXPECT_EQ(got.report.hops.size(), 5U);
    EXPECT_EQ(net.sent.size(), 5U);
}

TEST(trace_run, asks_several_hops_at_once_where_answers_take_long)
{
    std::vector<stage> path;
    for (unsigned i = 1; i <= 4; ++i) path.push_back(hop("192.0.2.1" + std::to_string(i), 200ms));
    internet net(path, {.address = to, .round_trip = 200ms});
    auto const got = trace(net, {.protocol = trace_protocol::icmp, .packets = 1}, to);
    EXPECT_EQ(got.report.hops.size(), 5U);
    EXPECT_EQ(net.sent.size(), 5U + trace_run::usual_window - 1U);
    EXPECT_LT(got.took, 3 * 200ms);
}

TEST(trace_run, with_one_hop_at_a_time_sends_nothing_behind_the_target)
{
    internet net(line(), {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::icmp}, to, 1, 1);
    EXPECT_EQ(text_of(got.report), whole_path);
    EXPECT_EQ(net.sent.size(), 15U);
}

TEST(trace_run, keeps_the_packets_of_a_hop_apart_by_answer_and_duplicate_timeout)
{
    internet net({hop("192.0.2.11", 1ms)}, {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::icmp, .duplicate_timeout = 50ms, .max_hops = 1}, to);
    EXPECT_EQ(got.report.stopped_by, trace_end::hop_limit);
    EXPECT_EQ(got.took, 3 * (1ms + 50ms));
}

TEST(trace_run, passes_silent_hops)
{
    auto path = line();
    path[1].branches[0] = silent("192.0.2.12");
    path[2].branches[0].answers = [](unsigned nth) { return nth == 1; };
    internet net(path, {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::udp, .response_timeout = 500ms}, to);
    EXPECT_EQ(text_of(got.report),
              "1 192.0.2.11=1 192.0.2.11=1 192.0.2.11=1\n"
              "2 * * *\n"
              "3 * 192.0.2.13=3 *\n"
              "4 192.0.2.14=4 192.0.2.14=4 192.0.2.14=4\n"
              "5 192.0.2.1=10 192.0.2.1=10 192.0.2.1=10");
}

TEST(trace_run, gives_up_after_the_gap_with_a_last_look_at_hop_255)
{
    auto path = line();
    for (unsigned i = 2; i < 20; ++i) path.push_back({{silent("192.0.2." + std::to_string(20 + i))}});
    internet net(path, {.address = to, .is = target::port::silent});
    auto const got = trace(net, {.protocol = trace_protocol::udp, .packets = 1}, to);
    EXPECT_EQ(text_of(got.report),
              "1 192.0.2.11=1\n2 192.0.2.12=2\n3 192.0.2.13=3\n4 192.0.2.14=4\n5 *\n6 *\n7 *\n8 *\n9 *\n255 *");
    EXPECT_EQ(got.report.stopped_by, trace_end::gap_limit);
    EXPECT_EQ(net.sent.size(), 10U) << "no hop was asked that one after the other would not have asked";

    internet answering(path, {.address = to});
    auto const reached = trace(answering, {.protocol = trace_protocol::udp, .packets = 1}, to);
    EXPECT_EQ(reached.report.hops.back().hop, 255U);
    EXPECT_EQ(reached.report.stopped_by, trace_end::reached);
}

TEST(trace_run, begins_and_ends_where_it_is_told)
{
    internet net(line(), {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::udp, .packets = 1, .first_hop = 2, .max_hops = 3}, to);
    EXPECT_EQ(text_of(got.report), "2 192.0.2.12=2\n3 192.0.2.13=3");
    EXPECT_EQ(got.report.stopped_by, trace_end::hop_limit);
}

TEST(trace_run, marks_duplicates_and_late_answers)
{
    auto path = line();
    path[0].branches[0].copies = 2;
    path[1].branches[0].extra = [](unsigned nth) { return nth == 0 ? 550ms : 0us; };
    internet net(path, {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::icmp, .response_timeout = 500ms, .max_hops = 2}, to);
    EXPECT_EQ(text_of(got.report),
              "1 192.0.2.11=1 192.0.2.11=2dup 192.0.2.11=1 192.0.2.11=2dup 192.0.2.11=1 192.0.2.11=2dup\n"
              "2 * 192.0.2.12=2 192.0.2.12=2");
    path[1].branches[0].extra = [](unsigned nth) { return nth == 0 ? 505ms : 0us; };
    internet later(path, {.address = to});
    EXPECT_EQ(
        text_of(trace(later,
                      {.protocol = trace_protocol::icmp, .response_timeout = 500ms, .first_hop = 2, .max_hops = 2}, to)
                    .report),
        "2 * 192.0.2.12=2 192.0.2.12late1 192.0.2.12=2");
}

TEST(trace_run, tells_apart_answers_that_overtake_each_other)
{
    auto path = line();
    path[0].branches[0].round_trip = 9ms;
    path[3].branches[0].round_trip = 500us;
    internet net(path, {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::udp, .packets = 1}, to);
    EXPECT_EQ(text_of(got.report), "1 192.0.2.11=9\n2 192.0.2.12=2\n3 192.0.2.13=3\n4 192.0.2.14=0\n5 192.0.2.1=10");
}

TEST(trace_run, ends_at_who_says_that_there_is_no_way)
{
    auto path = line();
    path[2].branches[0].rejects = 1;
    internet net(path, {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::tcp, .packets = 2}, to);
    EXPECT_EQ(text_of(got.report),
              "1 192.0.2.11=1 192.0.2.11=1\n2 192.0.2.12=2 192.0.2.12=2\n3 192.0.2.13=3 192.0.2.13=3\n"
              "4 192.0.2.13=3!H 192.0.2.13=3!H");
    EXPECT_EQ(got.report.stopped_by, trace_end::unreachable);
}

TEST(trace_run, goes_on_where_only_one_branch_ends)
{
    auto path = line();
    router dead{.address = "192.0.2.99"};
    dead.rejects = 0;
    path[1] = {{path[1].branches[0], dead}, balance::packets};
    internet net(path, {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::udp}, to, 1, 1);
    EXPECT_EQ(got.report.stopped_by, trace_end::reached);
    EXPECT_EQ(got.report.hops.size(), 5U);
}

TEST(trace_run, makes_packets_smaller_for_a_narrow_link)
{
    auto path = line();
    path[1].branches[0].mtu = 600;
    internet net(path, {.address = to});
    auto const got =
        trace(net, {.protocol = trace_protocol::icmp, .packets = 2, .size = 1000, .dont_fragment = true}, to, 1, 1);
    EXPECT_EQ(text_of(got.report),
              "1 192.0.2.11=1 192.0.2.11=1\n2 192.0.2.12=2 192.0.2.12=2\n3 192.0.2.12=2mtu600 192.0.2.13=3\n"
              "4 192.0.2.14=4 192.0.2.14=4\n5 192.0.2.1=10 192.0.2.1=10");
    EXPECT_EQ(got.report.size, 1000U);
    EXPECT_EQ(net.sent.back().size(), 600U);
}

TEST(trace_run, reads_mpls_labels_announced_or_not)
{
    for (bool const announced : {true, false})
        for (auto const* target_address : {to, "2001:db8::1"}) {
            bool const v4 = target_address == to;
            router labelled{.address = v4 ? "192.0.2.11" : "2001:db8::11"};
            labelled.labels = {{.label = 1000, .experimental = 3, .bottom = false, .ttl = 1},
                               {.label = 24'001, .experimental = 0, .bottom = true, .ttl = 2}};
            labelled.length_field = announced;
            internet net({{{labelled}}}, {.address = target_address});
            auto const got = trace(net, {.protocol = trace_protocol::udp, .packets = 1}, target_address);
            auto const& reply = got.report.hops.at(0).replies.at(0);
            ASSERT_TRUE(reply.extension);
            EXPECT_EQ(reply.extension->version, 2U);
            EXPECT_EQ(reply.extension->rfc4884, announced);
            EXPECT_EQ(reply.extension->objects.at(0).labels, labelled.labels);
        }
}

TEST(trace_run, tells_what_a_quote_shows_of_the_path)
{
    auto path = line();
    auto& odd = path[1].branches[0];
    odd.quoted_ttl = 3;
    odd.rewrites = "10.9.8.7";
    odd.tos = 0xc0;
    internet net(path, {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::icmp, .packets = 1}, to);
    auto const& reply = got.report.hops.at(1).replies.at(0);
    EXPECT_EQ(reply.quoted_ttl, 3U);
    EXPECT_EQ(reply.quoted_destination, parse_address("10.9.8.7").value());
    EXPECT_EQ(reply.tos, 0xc0U);
    EXPECT_EQ(reply.size, 76U) << "octet_string behind the ICMP head";
    EXPECT_EQ(reply.ttl, 60U);
    EXPECT_FALSE(got.report.hops.at(0).replies.at(0).quoted_ttl);
}

TEST(trace_run, reports_what_a_tcp_target_answers)
{
    for (auto const& [state, flags] : {std::pair{target::port::open, 0x12U}, {target::port::closed, 0x14U}}) {
        internet net({}, {.address = to, .is = state});
        auto const got = trace(net, {.protocol = trace_protocol::tcp, .packets = 1}, to);
        auto const& reply = got.report.hops.at(0).replies.at(0);
        EXPECT_EQ(reply.tcp_flags, flags);
        EXPECT_EQ(reply.mss, 1460U);
        EXPECT_EQ(got.report.stopped_by, trace_end::reached);
    }
}

// A datagram does not say which packet it answers: a trace with several hops out must find out, and be exact all the
// same, even behind a silent hop.
TEST(trace_run, is_exact_with_a_udp_target_that_answers_with_datagrams)
{
    auto path = line();
    internet net(path, {.address = to, .is = target::port::open});
    EXPECT_EQ(text_of(trace(net, {.protocol = trace_protocol::udp}, to).report), whole_path);

    path[3].branches[0] = silent("192.0.2.14");
    internet behind_silence(path, {.address = to, .is = target::port::open});
    auto const got = trace(behind_silence, {.protocol = trace_protocol::udp, .response_timeout = 500ms}, to);
    EXPECT_EQ(text_of(got.report),
              "1 192.0.2.11=1 192.0.2.11=1 192.0.2.11=1\n2 192.0.2.12=2 192.0.2.12=2 192.0.2.12=2\n"
              "3 192.0.2.13=3 192.0.2.13=3 192.0.2.13=3\n4 * * *\n5 192.0.2.1=10 192.0.2.1=10 192.0.2.1=10");
}

TEST(trace_run, survives_a_router_that_spoils_the_quoted_checksum)
{
    auto path = line();
    path[0].branches[0].spoils_checksum = true;
    internet net(path, {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::udp, .packets = 1}, to);
    EXPECT_EQ(text_of(got.report), "1 192.0.2.11=1\n2 192.0.2.12=2\n3 192.0.2.13=3\n4 192.0.2.14=4\n5 192.0.2.1=10");
}

std::set<std::string> seen_at_hop_2(proto::traceroute_report const& report)
{
    std::set<std::string> out;
    for (auto const& one : report.hops.at(1).replies)
        if (one.from) out.insert(one.from->to_string());
    return out;
}

stage diamond(balance by, bool v4)
{
    return {{{.address = v4 ? "192.0.2.21" : "2001:db8::21"}, {.address = v4 ? "192.0.2.22" : "2001:db8::22"}}, by};
}

TEST(trace_run, of_paris_takes_one_way_at_every_balancer_and_all_ways_with_its_flows)
{
    for (bool const v4 : {true, false})
        for (auto const by : {balance::addresses, balance::ports, balance::first_32_bits})
            for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp, trace_protocol::tcp}) {
                SCOPED_TRACE(std::to_string(static_cast<int>(by)) + " " + std::to_string(static_cast<int>(protocol)) +
                             (v4 ? " v4" : " v6"));
                std::set<std::string> all;
                for (unsigned paris = 1; paris <= 16; ++paris) {
                    internet net({hop(v4 ? "192.0.2.11" : "2001:db8::11", 1ms), diamond(by, v4)},
                                 {.address = v4 ? to : "2001:db8::1"});
                    auto const got = trace(net, {.protocol = protocol, .packets = 8}, v4 ? to : "2001:db8::1", paris);
                    auto const seen = seen_at_hop_2(got.report);
                    EXPECT_EQ(seen.size(), 1U) << paris;
                    all.insert(seen.begin(), seen.end());
                }
                bool const spreads = by == balance::first_32_bits || (by == balance::addresses && !v4) ||
                                     (by == balance::ports && protocol != trace_protocol::icmp);
                EXPECT_EQ(all.size(), spreads ? 2U : 1U);
            }
}

TEST(trace_run, of_the_classic_kind_shows_both_ways)
{
    for (auto const protocol : {trace_protocol::icmp, trace_protocol::udp}) {
        internet net({hop("192.0.2.11", 1ms), diamond(balance::first_32_bits, true)}, {.address = to});
        EXPECT_EQ(seen_at_hop_2(trace(net, {.protocol = protocol, .packets = 16, .paris = 0}, to, 0).report).size(),
                  2U);
    }
    internet net({hop("2001:db8::11", 1ms), diamond(balance::addresses, false)}, {.address = "2001:db8::1"});
    EXPECT_EQ(
        seen_at_hop_2(trace(net, {.protocol = trace_protocol::udp, .packets = 16, .paris = 0}, "2001:db8::1", 0).report)
            .size(),
        2U)
        << "by the flow label";
}

TEST(trace_run, ends_with_the_hop_that_could_not_be_sent_to)
{
    trace_run run({.options = {.packets = 3}, .size = 48, .headers = 28}, steady_time{1h});
    auto const packet = run.due(steady_time{1h});
    ASSERT_TRUE(packet);
    run.not_sent(*packet, "sendto failed: Message too long", steady_time{1h});
    EXPECT_FALSE(run.due(steady_time{1h}));
    EXPECT_TRUE(run.done(run.next_event()));
    EXPECT_EQ(text_of(run.report()), "1 (sendto failed: Message too long)");
    EXPECT_EQ(run.report().stopped_by, trace_end::send_error);
}

TEST(trace_run, waits_for_the_guard_and_not_for_ever)
{
    steady_time const start{1h};
    trace_run run({.options = {}, .size = 48, .headers = 28}, start);
    auto const packet = run.due(start);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(run.hold(start + 1s, start));
    EXPECT_FALSE(run.due(start + 999ms));
    EXPECT_EQ(run.next_event(), start + 1s);
    ASSERT_TRUE(run.due(start + 1s));
    EXPECT_FALSE(run.hold(start + 61s, start + 1s));
}

TEST(trace_run, fits_into_a_report_whatever_comes)
{
    std::vector<stage> path;
    for (unsigned i = 0; i < 254; ++i) {
        router one{.address = "192.0.2." + std::to_string(i % 2 + 2), .round_trip = 100us};
        one.copies = 2;
        one.labels = {{.label = i, .experimental = 0, .bottom = true, .ttl = 1}};
        path.push_back({{one}});
    }
    internet net(path, {.address = to});
    auto const got = trace(net, {.protocol = trace_protocol::icmp, .packets = 16, .max_hops = 255}, to);
    proto::report report;
    report.destination = report.source = parse_address(to).value();
    report.found = got.report;
    EXPECT_EQ(got.report.hops.size(), 255U);
    EXPECT_LE(proto::encode(report).size(), proto::largest_report);
}

TEST(kept_reply, loses_nothing)
{
    using proto::trace_reply;
    auto const v4 = parse_address("192.0.2.1").value(), v6 = parse_address("2001:db8::1").value();
    for (auto const& one :
         {trace_reply{}, trace_reply{.from = v4, .round_trip = 5us, .ttl = 63, .size = 28},
          trace_reply{.from = v6, .round_trip = 0ns, .ttl = 255, .size = 65'535}, trace_reply{.from = v4, .late = 2},
          trace_reply{.from = v4, .error = proto::trace_error::host, .mtu = 1400, .duplicate = true}})
        EXPECT_EQ(kept_reply(one).unpack(), one);
    EXPECT_EQ(kept_reply().unpack(), trace_reply{});
    EXPECT_LE(sizeof(kept_reply), 40U);
}

}  // namespace
}  // namespace tp::probe
