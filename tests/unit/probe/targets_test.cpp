#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "probe/guard/nat64.hpp"
#include "probe/guard/target_text.hpp"
#include "probe/guard/targets.hpp"

namespace tp::probe {
namespace {

ip_address ip(std::string_view text)
{
    return parse_address(text).value();
}

std::vector<ip_prefix> prefixes(std::initializer_list<std::string_view> texts)
{
    std::vector<ip_prefix> out;
    for (auto const text : texts) out.push_back(ip_prefix::parse(text).value());
    return out;
}

TEST(targets, every_special_block_is_refused_from_its_first_to_its_last_address)
{
    target_policy const policy;
    for (auto const* text : {
             "0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",  "100.64.0.0",
             "100.127.255.255", "127.0.0.0",       "127.0.0.1",       "127.255.255.255", "169.254.0.0",
             "169.254.169.254", "169.254.255.255", "172.16.0.0",      "172.31.255.255",  "192.0.0.0",
             "192.0.0.9",       "192.0.0.170",     "192.0.0.255",     "192.0.2.0",       "192.0.2.255",
             "192.31.196.0",    "192.31.196.255",  "192.52.193.0",    "192.52.193.255",  "192.88.99.0",
             "192.88.99.255",   "192.168.0.0",     "192.168.255.255", "192.175.48.0",    "192.175.48.255",
             "198.18.0.0",      "198.19.255.255",  "198.51.100.0",    "198.51.100.255",  "203.0.113.0",
             "203.0.113.255",   "224.0.0.0",       "239.255.255.255", "240.0.0.0",       "255.255.255.255",
         }) {
        EXPECT_TRUE(policy.refuses(ip(text))) << text;
    }
    for (auto const* text : {
             "::",
             "::1",
             "64:ff9b::808:808",
             "64:ff9b:1::",
             "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
             "100::",
             "100::ffff:ffff:ffff:ffff",
             "100:0:0:1::1",
             "2001::",
             "2001:1::1",
             "2001:1::2",
             "2001:2::1",
             "2001:3::1",
             "2001:4:112::1",
             "2001:10::1",
             "2001:20::1",
             "2001:2f:ffff:ffff:ffff:ffff:ffff:ffff",
             "2001:30::1",
             "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
             "2001:db8::",
             "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
             "2002:808:808::1",
             "2620:4f:8000::",
             "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
             "3fff::",
             "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
             "5f00::1",
             "fc00::",
             "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
             "fe80::",
             "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
             "fec0::1",
             "ff00::",
             "ff02::1",
             "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
             "4000::1",
             "1000::1",
             "e000::1",
         }) {
        EXPECT_TRUE(policy.refuses(ip(text))) << text;
    }
}

TEST(targets, public_addresses_are_allowed_up_to_the_edges_of_the_blocks)
{
    target_policy const policy;
    for (auto const* text : {
             "1.0.0.0",          "8.8.8.8",         "9.255.255.255",   "11.0.0.0",
             "100.63.255.255",   "100.128.0.0",     "126.255.255.255", "128.0.0.0",
             "169.253.255.255",  "169.255.0.0",     "172.15.255.255",  "172.32.0.0",
             "191.255.255.255",  "192.0.1.0",       "192.0.3.0",       "192.31.195.255",
             "192.31.197.0",     "192.52.192.255",  "192.52.194.0",    "192.88.98.255",
             "192.88.100.0",     "192.167.255.255", "192.169.0.0",     "192.175.47.255",
             "192.175.49.0",     "193.0.14.129",    "198.17.255.255",  "198.20.0.0",
             "198.51.99.255",    "198.51.101.0",    "203.0.112.255",   "203.0.114.0",
             "223.255.255.255",  "2000::1",         "2001:200::1",     "2001:4860:4860::8888",
             "2001:db7:ffff::1", "2001:db9::1",     "2001:7fd::1",     "2003::1",
             "2620:4f:7fff::1",  "2620:4f:8001::1", "2a00::1",         "3ffe::1",
             "3fff:1000::1",
         }) {
        EXPECT_EQ(policy.refuses(ip(text)), std::nullopt) << text;
    }
}

TEST(targets, embedded_addresses_are_found_in_every_disguise)
{
    struct row {
        std::string_view address, inner;
    };
    for (auto const& [address, inner] : {
             row{"::10.1.2.3", "10.1.2.3"},
             row{"::ffff:10.1.2.3", "10.1.2.3"},
             row{"::ffff:0:10.1.2.3", "10.1.2.3"},
             row{"64:ff9b::10.1.2.3", "10.1.2.3"},
             row{"64:ff9b:1::10.1.2.3", "10.1.2.3"},
             row{"64:ff9b:1:a01:2:300::", "10.1.2.3"},
             row{"64:ff9b:1:aa0a:1:203::", "10.1.2.3"},
             row{"64:ff9b:1:aabb:a:102:300:0", "10.1.2.3"},
             row{"2002:a01:203::1", "10.1.2.3"},
             row{"2001:0:a01:203::", "10.1.2.3"},
             row{"2001:0:808:808:0:0:f5fe:fdfc", "10.1.2.3"},
             row{"2a00::5efe:10.1.2.3", "10.1.2.3"},
             row{"2a00::200:5efe:10.1.2.3", "10.1.2.3"},
             row{"fe80::5efe:10.1.2.3", "10.1.2.3"},
         }) {
        auto const found = embedded_addresses(ip(address));
        EXPECT_NE(std::find(found.begin(), found.end(), ip(inner)), found.end()) << address;
        EXPECT_TRUE(target_policy{}.refuses(ip(address))) << address;
    }
    EXPECT_TRUE(embedded_addresses(ip("2001:4860:4860::8888")).empty());
    EXPECT_EQ(target_policy{}.refuses(ip("2a00::5efe:8.8.8.8")), std::nullopt) << "ISATAP of a public address";
}

TEST(targets, a_listed_block_is_no_way_around_what_its_addresses_carry)
{
    target_policy const policy(prefixes({"10.1.0.0/16", "2002::/16", "64:ff9b::/96", "::ffff:0:0/96"}));
    EXPECT_EQ(policy.refuses(ip("10.1.2.3")), std::nullopt);
    EXPECT_TRUE(policy.refuses(ip("10.2.0.1")));
    EXPECT_EQ(policy.refuses(ip("2002:a01:203::1")), std::nullopt) << "both are listed";
    EXPECT_EQ(policy.refuses(ip("64:ff9b::8.8.8.8")), std::nullopt) << "listed, and public inside";
    EXPECT_TRUE(policy.refuses(ip("2002:7f00:1::1")));
    EXPECT_TRUE(policy.refuses(ip("64:ff9b::127.0.0.1")));
    EXPECT_TRUE(policy.refuses(ip("::ffff:192.168.0.1")));
    EXPECT_TRUE(policy.refuses(ip("2001:0:a01:203::"))) << "the inner address alone is not enough";
}

TEST(targets, the_probes_own_networks_are_refused_unless_listed)
{
    target_policy policy(prefixes({"8.8.4.4"}));
    policy.set_own(prefixes({"8.8.4.0/24", "2a00:1:2:3::/64"}));
    EXPECT_TRUE(policy.refuses(ip("8.8.4.1")));
    EXPECT_TRUE(policy.refuses(ip("2a00:1:2:3::1")));
    EXPECT_TRUE(policy.refuses(ip("2a00::5efe:8.8.4.1"))) << "also when carried";
    EXPECT_EQ(policy.refuses(ip("8.8.4.4")), std::nullopt);
    EXPECT_EQ(policy.refuses(ip("8.8.5.1")), std::nullopt);
}

TEST(targets, what_a_holder_wants_to_be_left_alone_is_refused_whatever_else_allows_it)
{
    target_policy policy({*ip_prefix::parse("192.0.2.0/24")});
    policy.set_resolvers({*parse_address("192.0.2.53")});
    policy.set_near_hops({*parse_address("192.0.2.1")});
    EXPECT_FALSE(policy.refuses(*parse_address("192.0.2.7")));
    policy.set_blocked({*ip_prefix::parse("192.0.2.0/24"), *ip_prefix::parse("8.8.8.8")});
    EXPECT_TRUE(policy.refuses(*parse_address("192.0.2.7")));
    EXPECT_TRUE(policy.refuses(*parse_address("8.8.8.8")));
    EXPECT_TRUE(policy.refuses(*parse_address("64:ff9b::808:808")));
    EXPECT_FALSE(policy.refuses(*parse_address("8.8.4.4")));
    EXPECT_FALSE(policy.exempts(proto::result_kind::dns, *parse_address("192.0.2.53")));
    EXPECT_FALSE(policy.exempts(proto::result_kind::ping, *parse_address("192.0.2.1")));
    policy.set_blocked({});
    EXPECT_FALSE(policy.refuses(*parse_address("8.8.8.8")));
    EXPECT_TRUE(policy.exempts(proto::result_kind::ping, *parse_address("192.0.2.1")));
    policy.set_opted_out(prefix_set(prefixes({"192.0.2.0/24"})));
    EXPECT_FALSE(policy.exempts(proto::result_kind::dns, *parse_address("192.0.2.53")));
    EXPECT_FALSE(policy.exempts(proto::result_kind::ping, *parse_address("192.0.2.1")));
}

TEST(targets, every_registered_block_has_its_name)
{
    // The registries of IANA, row by row; https://www.iana.org/assignments/iana-ipv4-special-registry (2025-10) and
    // iana-ipv6-special-registry (2025-10).
    for (auto const* text : {
             "0.0.0.0/8",          "0.0.0.0/32",      "10.0.0.0/8",        "100.64.0.0/10",  "127.0.0.0/8",
             "169.254.0.0/16",     "172.16.0.0/12",   "192.0.0.0/24",      "192.0.0.0/29",   "192.0.0.8/32",
             "192.0.0.9/32",       "192.0.0.10/32",   "192.0.0.170/32",    "192.0.0.171/32", "192.0.2.0/24",
             "192.31.196.0/24",    "192.52.193.0/24", "192.88.99.0/24",    "192.88.99.2/32", "192.168.0.0/16",
             "192.175.48.0/24",    "198.18.0.0/15",   "198.51.100.0/24",   "203.0.113.0/24", "240.0.0.0/4",
             "255.255.255.255/32", "224.0.0.0/4",     "::1/128",           "::/128",         "::ffff:0:0/96",
             "64:ff9b::/96",       "64:ff9b:1::/48",  "100::/64",          "100:0:0:1::/64", "2001::/23",
             "2001::/32",          "2001:1::1/128",   "2001:1::2/128",     "2001:1::3/128",  "2001:2::/48",
             "2001:3::/32",        "2001:4:112::/48", "2001:10::/28",      "2001:20::/28",   "2001:30::/28",
             "2001:db8::/32",      "2002::/16",       "2620:4f:8000::/48", "3fff::/20",      "5f00::/16",
             "fc00::/7",           "fe80::/10",       "ff00::/8",
         }) {
        EXPECT_TRUE(special_block(ip_prefix::parse(text).value().network())) << text;
    }
}

TEST(targets, a_network_that_translates_under_a_prefix_of_its_own_is_seen_through)
{
    struct row {
        char const *prefix, *address;
    };
    for (auto const& [prefix, address] : {
             row{"2a00:1::/32", "2a00:1:a01:203::"},
             row{"2a00:1:100::/40", "2a00:1:10a:102:3::"},
             row{"2a00:1:2::/48", "2a00:1:2:a01:2:300::"},
             row{"2a00:1:2:300::/56", "2a00:1:2:30a:1:203::"},
             row{"2a00:1:2:3::/64", "2a00:1:2:3:a:102:300::"},
             row{"2a00:1:2:3:4:5::/96", "2a00:1:2:3:4:5:10.1.2.3"},
         }) {
        target_policy policy;
        EXPECT_EQ(policy.refuses(ip(address)), std::nullopt) << address;
        policy.set_translation(prefixes({prefix}));
        EXPECT_EQ(policy.refuses(ip(address)), "translates to 10.1.2.3: private use, RFC 1918") << address;
        policy.set_listed(prefixes({"10.1.2.3"}));
        EXPECT_EQ(policy.refuses(ip(address)), std::nullopt) << "the host allows where it ends";
    }
    target_policy policy;
    policy.set_translation(prefixes({"2a00:1:2:3:4:5::/96"}));
    EXPECT_EQ(policy.refuses(ip("2a00:1:2:3:4:5:8.8.8.8")), std::nullopt);
}

TEST(nat64, the_answer_to_ipv4only_tells_the_prefix)
{
    EXPECT_EQ(translation_prefixes(ip("64:ff9b::192.0.0.170")), prefixes({"64:ff9b::/96"}));
    EXPECT_EQ(translation_prefixes(ip("2a00:1:2:3:4:5:192.0.0.171")), prefixes({"2a00:1:2:3:4:5::/96"}));
    EXPECT_EQ(translation_prefixes(ip("2a00:1:c000:aa::")), prefixes({"2a00:1::/32"}));
    EXPECT_EQ(translation_prefixes(ip("2a00:1:2:c000:0:aa00::")), prefixes({"2a00:1:2::/48"}));
    EXPECT_TRUE(translation_prefixes(ip("2a00:1:2:3::1")).empty());
    EXPECT_TRUE(translation_prefixes(ip("192.0.0.170")).empty());
    EXPECT_EQ(address_inside(boost::asio::ip::make_address_v6("::1"), 33), std::nullopt);
}

TEST(target_text, what_inet_aton_takes_for_an_address_is_neither_address_nor_name)
{
    for (auto const* text : {
             "127.1",
             "0177.0.0.1",
             "0177.1",
             "0x7f.1",
             "0x7f000001",
             "0X7F000001",
             "2130706433",
             "017700000001",
             "10.0.258",
             "1.2.3.4.5",
             "256.1.1.1",
             "1.2.3.04",
             "0",
             "00000.0x1",
             "127.1.",
             "0x7f000001.",
             "1.0x",
             "example.1",
             "example.0x7f",
             "fe80::1%eth0",
             "fe80::1%2",
             "::1%lo",
             "[::1]",
             "127.0.0.1%lo",
             "127.0.0.1 ",
             " 127.0.0.1",
             "127.0.0.1/8",
             "127.0.0.1:80",
             "",
             ".",
             "..",
             ".a",
             "a..b",
             "-a.example",
             "a-.example",
             "a b",
             "a/b",
             "a%b",
             "a@b",
             "ex\nample",
             "\xc3\xa9.example",
             "::ffff:127.1",
             "::0x1",
         }) {
        EXPECT_EQ(kind_of_target(text), target_text::neither) << text;
    }
    EXPECT_EQ(kind_of_target(std::string(64, 'a') + ".example"), target_text::neither);
    EXPECT_EQ(kind_of_target(std::string_view("127.0.0.1\0.example", 18)), target_text::neither);
}

TEST(target_text, addresses_names_and_near_hops_are_told_apart)
{
    for (auto const* text : {"127.0.0.1", "8.8.8.8", "::1", "::ffff:127.0.0.1", "2001:db8::1", "fe80::1"})
        EXPECT_EQ(kind_of_target(text), target_text::address) << text;
    for (auto const* text : {"localhost", "example.net", "example.net.", "a-b.example", "_dns.example", "1.example",
                             "127.1.example", "xn--caf-dma.example", "4.3.2.1.in-addr.arpa", "0x7g", "127.0.0.1a"})
        EXPECT_EQ(kind_of_target(text), target_text::name) << text;
    EXPECT_EQ(kind_of_target("first-hop"), target_text::first_hop);
    EXPECT_EQ(kind_of_target("second-hop"), target_text::second_hop);
    EXPECT_EQ(kind_of_target("third-hop"), target_text::name);
}

TEST(targets, the_machines_interfaces_include_loopback)
{
    auto const own = own_networks();
    ASSERT_TRUE(own);
    EXPECT_TRUE(std::any_of(own->begin(), own->end(), [](auto const& one) { return one.contains(ip("127.0.0.1")); }));
}

std::string route_v6(std::string const& to, std::string const& length, std::string const& gateway,
                     std::string const& flags, std::string const& interface)
{
    std::string const zero(32, '0');
    return to + ' ' + length + ' ' + zero + " 00 " + gateway + " 00000100 00000001 00000000 " + flags + "     " +
           interface + '\n';
}

TEST(targets, a_network_is_own_also_where_only_a_route_tells)
{
    std::string const none(32, '0'), there = "2a0000010002000300000000000000";
    auto const table = route_v6(there + "00", "40", none, "00400001", "eth0") +  // by a router's advertisement
                       route_v6(there + "17", "80", none, "80200001", "eth0") +
                       route_v6("2a000001000200040000000000000000", "40", there + "01", "00000003", "eth0") +
                       route_v6("2a000001000200050000000000000000", "40", none, "00200201", "lo") +
                       route_v6("2a000001000200060000000000000000", "40", none, "00000201", "eth0") +
                       route_v6("20014860486000000000000000008888", "80", none, "01000001", "eth0") +
                       route_v6("2a000000000000000000000000000000", "18", none, "00000001", "tun0") +
                       route_v6(none, "00", none, "00000001", "ppp0");
    EXPECT_EQ(on_link_networks("", table, {}), prefixes({"2a00:1:2:3::/64", "2a00:1:2:3::17/128"}));
    target_policy policy;
    policy.set_own(on_link_networks("", table, {}));
    EXPECT_EQ(policy.refuses(ip("2a00:1:2:3::30")), "the probe's own network");
    for (auto const* text : {"2a00:1:2:4::1", "2a00:1:2:5::1", "2a00:1:2:6::1", "2001:4860:4860::8888", "2a00::1"})
        EXPECT_FALSE(policy.refuses(ip(text))) << text;
}

TEST(targets, the_same_holds_for_v4)
{
    // Octets stand in the machine's order: little-endian ones are written here, as the kernel does on them.
    std::string const table =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t01040808\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "eth0\t01040808\t00000000\t0005\t0\t0\t100\tFFFFFFFF\t0\t0\t0\n"
        "eth0\t00050808\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
        "eth0\t00060808\t01040808\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
        "*\t00070808\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
        "tun0\t00000080\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0\n"
        "wg0\t00000908\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "wg0\t00800A08\t00000000\t0001\t0\t0\t0\t0080FFFF\t0\t0\t0\n"
        "lo\t00080808\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
    if constexpr (std::endian::native == std::endian::little) {
        EXPECT_EQ(on_link_networks(table, "", {}),
                  prefixes({"8.8.4.1/32", "8.8.5.0/24", "8.9.0.0/16", "8.10.128.0/17"}));
        EXPECT_EQ(on_link_networks(table, "", {"wg0"}), prefixes({"8.8.4.1/32", "8.8.5.0/24", "8.10.128.0/17"}))
            << "\"all but private addresses\" is not the probe's own";
    }
    for (auto const* text : {"", "\n\n", "eth0", "eth0\t00050808\tXYZ\t0001\t0\t0\t0\t00FFFFFF\n",
                             "eth0\t00050808\t00000000\t0001\t0\t0\t0\tFFFFFFFFFF\n"})
        EXPECT_TRUE(on_link_networks(text, text, {}).empty()) << text;
}

TEST(allow_list, takes_prefixes_and_comments)
{
    auto const list = parse_allow_list("# my network\n10.0.0.0/8\n\n  2001:db8::/32 # lab\r\n192.0.2.1");
    EXPECT_EQ(list.complaint, std::nullopt);
    EXPECT_EQ(list.prefixes, prefixes({"10.0.0.0/8", "2001:db8::/32", "192.0.2.1/32"}));
    EXPECT_TRUE(parse_allow_list("").prefixes.empty());
    EXPECT_TRUE(parse_allow_list("#").prefixes.empty());
}

TEST(allow_list, names_the_line_that_is_wrong_and_then_lists_nothing)
{
    struct row {
        std::string_view text, line;
    };
    for (auto const& [text, line] : {
             row{"10.0.0.0/8\nfoo\n", "line 2:"},
             row{"10.0.0.1/8", "line 1:"},
             row{"10.0.0.0/33", "line 1:"},
             row{"10.0.0.0/8 11.0.0.0/8", "line 1:"},
             row{"\n\n10.0.0.0/", "line 3:"},
             row{"*", "line 1:"},
             row{"fe80::1%eth0", "line 1:"},
         }) {
        auto const list = parse_allow_list(text);
        EXPECT_TRUE(list.prefixes.empty()) << text;
        EXPECT_THAT(list.complaint.value_or(""), testing::StartsWith(std::string(line))) << text;
    }
    std::string many;
    for (std::size_t i = 0; i <= allow_list::most_prefixes; ++i) many += "10.0.0.0/8\n";
    EXPECT_TRUE(parse_allow_list(many).complaint);
}

}  // namespace
}  // namespace tp::probe
