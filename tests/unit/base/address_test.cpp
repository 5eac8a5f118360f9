#include <gtest/gtest.h>

#include <sstream>

#include "base/endpoint.hpp"
#include "base/ip_prefix.hpp"

namespace tp {
namespace {

ip_address ip(char const* text)
{
    return *parse_address(text);
}

TEST(address, is_read_in_its_canonical_families_only)
{
    for (auto const* good : {"192.0.2.1", "0.0.0.0", "::", "2001:db8::1", "::ffff:192.0.2.1"})
        EXPECT_TRUE(parse_address(good)) << good;
    for (auto const* bad : {"", "192.0.2", "192.0.2.256", "192.0.2.1 ", " 192.0.2.1", "0300.0.2.1", "1", "fe80::1%eth0",
                            "::g", "1:2:3:4:5:6:7:8:9", "[::1]", "localhost", "192.0.2.1\n"})
        EXPECT_EQ(parse_address(bad).error(), errc::malformed) << bad;
    EXPECT_EQ(parse_address(std::string_view("192.0.2.1\0x", 11)).error(), errc::malformed);
}

TEST(ip_prefix, reads_blocks_and_single_addresses)
{
    struct row {
        char const* text;
        char const* network;
        unsigned length;
    };
    for (auto const& [text, network, length] : {
             row{"192.0.2.0/24", "192.0.2.0", 24},
             row{"192.0.2.1", "192.0.2.1", 32},
             row{"0.0.0.0/0", "0.0.0.0", 0},
             row{"192.0.2.129/32", "192.0.2.129", 32},
             row{"128.0.0.0/1", "128.0.0.0", 1},
             row{"2001:db8::/32", "2001:db8::", 32},
             row{"::/0", "::", 0},
             row{"2001:db8::1", "2001:db8::1", 128},
             row{"fe80::/10", "fe80::", 10},
         }) {
        SCOPED_TRACE(text);
        auto const block = ip_prefix::parse(text);
        ASSERT_TRUE(block);
        EXPECT_EQ(block->network(), ip(network));
        EXPECT_EQ(block->length(), length);
        EXPECT_EQ(block->text(), std::string(network) + '/' + std::to_string(length));
    }
}

TEST(ip_prefix, refuses_what_is_none)
{
    for (auto const* bad :
         {"", "/", "/24", "192.0.2.0/", "192.0.2.0/33", "::/129", "192.0.2.1/24", "2001:db8::1/32", "192.0.2.0/-1",
          "192.0.2.0/+24", "192.0.2.0/24 ", "192.0.2.0/2 4", "192.0.2.0/24/24", "192.0.2.0/99999999999", "a/8"})
        EXPECT_EQ(ip_prefix::parse(bad).error(), errc::malformed) << bad;
}

TEST(ip_prefix, contains_its_addresses_and_no_others)
{
    struct row {
        char const* block;
        char const* address;
        bool expected;
    };
    for (auto const& [block, address, expected] : {
             row{"192.0.2.0/24", "192.0.2.0", true},
             row{"192.0.2.0/24", "192.0.2.255", true},
             row{"192.0.2.0/24", "192.0.3.0", false},
             row{"192.0.2.0/24", "192.0.1.255", false},
             row{"172.16.0.0/12", "172.31.255.255", true},
             row{"172.16.0.0/12", "172.32.0.0", false},
             row{"0.0.0.0/0", "255.255.255.255", true},
             row{"0.0.0.0/0", "::", false},
             row{"::/0", "0.0.0.0", false},
             row{"::/0", "ffff::", true},
             row{"fc00::/7", "fdff::1", true},
             row{"fc00::/7", "fe00::", false},
             row{"::1/128", "::1", true},
             row{"::1/128", "::2", false},
         }) {
        EXPECT_EQ(ip_prefix::parse(block)->contains(ip(address)), expected) << block << ' ' << address;
    }
}

TEST(ip_prefix, around_an_address)
{
    EXPECT_EQ(ip_prefix::around(ip("192.0.2.200"), 25)->text(), "192.0.2.128/25");
    EXPECT_EQ(ip_prefix::around(ip("2001:db8:ffff:ffff::1"), 48)->text(), "2001:db8:ffff::/48");
    EXPECT_EQ(ip_prefix::around(ip("192.0.2.1"), 33).error(), errc::out_of_range);
    EXPECT_EQ(ip_prefix::around(ip("::1"), 129).error(), errc::out_of_range);
}

TEST(endpoint, is_an_address_and_a_port)
{
    for (auto const* good : {"192.0.2.1:7441", "[2001:db8::1]:7441", "0.0.0.0:0", "[::]:65535"}) {
        auto const parsed = parse_endpoint(good);
        ASSERT_TRUE(parsed) << good;
        std::ostringstream back;
        back << *parsed;
        EXPECT_EQ(back.str(), good);
    }
    for (auto const* bad :
         {"", "192.0.2.1", "192.0.2.1:", ":22", "192.0.2.1:65536", "192.0.2.1:-1", "192.0.2.1:2 ", "2001:db8::1:22",
          "[2001:db8::1]", "[2001:db8::1]22", "[192.0.2.1]:22", "localhost:22", "[::1:22", "192.0.2.1:0x16"})
        EXPECT_EQ(parse_endpoint(bad).error(), errc::malformed) << bad;
}

}  // namespace
}  // namespace tp
