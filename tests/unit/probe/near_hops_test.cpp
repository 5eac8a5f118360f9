#include "probe/guard/near_hops.hpp"

#include <gtest/gtest.h>

#include <bit>

namespace tp::probe {
namespace {

std::string const v4_head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
std::string const v6_zero(32, '0');

std::string v6_route(std::string const& to, std::string const& length, std::string const& gateway,
                     std::string const& metric, std::string const& flags, std::string const& interface)
{
    return to + ' ' + length + ' ' + v6_zero + " 00 " + gateway + ' ' + metric + " 00000001 00000000 " + flags +
           "     " + interface + '\n';
}

TEST(near_hops, the_v4_gateway_is_that_of_the_default_route_of_the_lowest_metric)
{
    // Octets stand in the machine's order: little-endian ones are written here, as the kernel does on them.
    auto const table = v4_head +
                       "eth0\t0000A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
                       "wlan0\t00000000\t0200A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
                       "eth0\t00000000\t0100A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                       "tun0\t00000000\t0300A8C0\t0003\t0\t0\t50\t00000080\t0\t0\t0\n"
                       "ppp0\t00000000\t00000000\t0001\t0\t0\t10\t00000000\t0\t0\t0\n"
                       "bad0\t00000000\t0400A8C0\t0203\t0\t0\t1\t00000000\t0\t0\t0\n";
    if constexpr (std::endian::native == std::endian::little) {
        EXPECT_EQ(default_gateway_v4(table), parse_address("192.168.0.1").value());
    }
    for (auto const* text : {"", "\n\n", "eth0", "eth0\t00000000\tXYZ\t0003\t0\t0\t0\t00000000\n",
                             "eth0\t00000000\t0100A8C0\t\t\t\t\t\t\n"})
        EXPECT_EQ(default_gateway_v4(text), std::nullopt) << text;
    EXPECT_EQ(default_gateway_v4(v4_head), std::nullopt);
}

TEST(near_hops, a_link_local_v6_gateway_gets_the_zone_of_its_interface)
{
    auto const routes = v6_route("20010db8000000000000000000000000", "40", v6_zero, "00000100", "00000001", "eth0") +
                        v6_route(v6_zero, "00", "fe80000000000000000000000000000a", "00000400", "00000003", "eth0") +
                        v6_route(v6_zero, "00", v6_zero, "ffffffff", "00200200", "lo");
    std::string const interfaces =
        "00000000000000000000000000000001 01 80 10 80       lo\n"
        "fe80000000000000000000000000000b 1f 40 20 80     eth0\n";
    auto wanted = boost::asio::ip::make_address_v6("fe80::a");
    wanted.scope_id(0x1f);
    EXPECT_EQ(default_gateway_v6(routes, interfaces), ip_address(wanted));
    EXPECT_EQ(default_gateway_v6(routes, ""), std::nullopt) << "without its zone it names no machine";
}

TEST(near_hops, a_global_v6_gateway_needs_no_zone)
{
    auto const routes = v6_route(v6_zero, "00", "20010db8000000000000000000000001", "00000400", "00000003", "eth0");
    EXPECT_EQ(default_gateway_v6(routes, ""), parse_address("2001:db8::1").value());
    for (auto const& text : {std::string(), std::string("00 00 00"), routes.substr(40),
                             v6_route(v6_zero, "00", "20010db8", "00000400", "00000003", "eth0")})
        EXPECT_EQ(default_gateway_v6(text, ""), std::nullopt) << text;
}

TEST(near_hops, a_way_out_for_v6_needs_no_gateway_and_may_be_for_some_sources)
{
    auto const gateway = std::string("fe80000000000000000000000000000a");
    EXPECT_TRUE(has_way_out_v6(v6_route(v6_zero, "00", gateway, "00000400", "00000003", "eth0")));
    EXPECT_TRUE(has_way_out_v6(v6_route(v6_zero, "00", v6_zero, "00000400", "00000001", "ppp0")));
    auto of_some = v6_route(v6_zero, "00", gateway, "00000400", "00000003", "eth0");
    of_some.replace(of_some.find(" 00 ", 36), 4, " 38 ");
    EXPECT_TRUE(has_way_out_v6(of_some)) << of_some;
    EXPECT_EQ(default_gateway_v6(of_some, "fe80000000000000000000000000000b 1f 40 20 80 eth0\n"), std::nullopt);
    for (auto const& none :
         {std::string(), v6_route(v6_zero, "00", v6_zero, "ffffffff", "00200200", "lo"),
          v6_route(v6_zero, "00", v6_zero, "00000400", "00000201", "eth0"),
          v6_route("20010db8000000000000000000000000", "40", v6_zero, "00000100", "00000001", "eth0")})
        EXPECT_FALSE(has_way_out_v6(none)) << none;
}

TEST(near_hops, this_machine_has_some_or_none)
{
    auto const hops = learn_first_hops();
    if (hops.v4) {
        EXPECT_TRUE(hops.v4->is_v4());
    }
    if (hops.v6) {
        EXPECT_TRUE(hops.v6->is_v6());
    }
}

/// Answers at the second hop, by their text; "" for silence.
proto::traceroute_report trace(std::vector<std::string> const& from)
{
    proto::traceroute_report out;
    out.hops = {{1, {}, {}}, {2, {}, {}}, {3, {}, {}}};
    for (auto const& hop : {0U, 2U}) out.hops[hop].replies = {{.from = parse_address("9.9.9.9").value()}};
    for (auto const& text : from) {
        out.hops[1].replies.emplace_back();
        if (!text.empty()) out.hops[1].replies.back().from = parse_address(text).value();
    }
    return out;
}

TEST(near_hops, the_second_is_who_answered_there_on_the_way_to_a_public_target)
{
    auto const target = parse_address("8.8.8.8").value();
    for (auto const* router : {"10.0.0.1", "100.64.0.1", "192.168.178.1", "203.0.113.1", "1.1.1.1"}) {
        EXPECT_EQ(second_hop_of(trace({router, "", router}), target), parse_address(router).value());
        for (auto const* near : {"192.168.0.7", "10.0.0.7", "127.0.0.1", "198.18.0.1"})
            EXPECT_FALSE(second_hop_of(trace({router}), parse_address(near).value())) << "not on the way out";
    }
    auto const v6 = parse_address("2001:4860:4860::8888").value();
    EXPECT_EQ(second_hop_of(trace({"2a00::1"}), v6), parse_address("2a00::1").value());
    EXPECT_EQ(second_hop_of(trace({"fd00::1"}), v6), parse_address("fd00::1").value());
    EXPECT_FALSE(second_hop_of(trace({"2a00::1"}), parse_address("2002:0a00:0001::1").value())) << "carries 10.0.0.1";
}

TEST(near_hops, what_is_not_one_router_teaches_nothing)
{
    auto const target = parse_address("8.8.8.8").value();
    EXPECT_FALSE(second_hop_of({}, target));
    EXPECT_FALSE(second_hop_of(trace({"", ""}), target));
    EXPECT_FALSE(second_hop_of(trace({"10.0.0.1", "10.0.0.2"}), target)) << "a balancer";
    EXPECT_FALSE(second_hop_of(trace({"8.8.8.8"}), target)) << "the target itself";
    for (auto const* odd : {"127.0.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "fe80::1", "::1",
                            "::ffff:10.0.0.1", "2002:0a00:0001::1", "ff02::1"})
        EXPECT_FALSE(second_hop_of(trace({odd}), target)) << odd;
    auto refused = trace({"10.0.0.1"});
    refused.hops[1].replies[0].error = proto::trace_error::prohibited;
    EXPECT_FALSE(second_hop_of(refused, target));
    auto late = trace({"10.0.0.1"});
    late.hops[1].replies[0].late = 1;
    EXPECT_FALSE(second_hop_of(late, target)) << "perhaps of another hop";
}

}  // namespace
}  // namespace tp::probe
