#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

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

TEST(targets, the_machines_interfaces_include_loopback)
{
    auto const own = own_networks();
    ASSERT_TRUE(own);
    EXPECT_TRUE(std::any_of(own->begin(), own->end(), [](auto const& one) { return one.contains(ip("127.0.0.1")); }));
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
