#include "probe/measure/resolve/nameservers.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

using addresses = std::vector<ip_address>;

ip_address at(std::string_view text)
{
    return parse_address(text).value();
}

TEST(nameservers, are_the_addresses_of_their_lines)
{
    EXPECT_EQ(resolver_list::parse("# by hand\n"
                                   "search example.test\n"
                                   "nameserver 192.0.2.1\n"
                                   "nameserver\t2001:db8::1  # the second\n"
                                   "options timeout:1\r\n"
                                   "nameserver 192.0.2.2\r\n"
                                   "nameserver 192.0.2.1\n"
                                   "nameserver 192.0.2.3"),
              (addresses{at("192.0.2.1"), at("2001:db8::1"), at("192.0.2.2"), at("192.0.2.3")}));
}

TEST(nameservers, lines_that_hold_none_are_passed_over)
{
    EXPECT_EQ(resolver_list::parse("nameserver\nnameserver \nnameserver dns.test\nnameservers 192.0.2.1\n"
                                   " nameserver 192.0.2.1\n;nameserver 192.0.2.1\nnameserver 192.0.2.1%lo\n"
                                   "nameserver fe80::1%no-such-device\n\n\n"),
              addresses{});
    EXPECT_EQ(resolver_list::parse(""), addresses{});
}

TEST(nameservers, may_have_a_zone)
{
    auto const all = resolver_list::parse("nameserver fe80::1%lo\n");
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].to_v6().scope_id(), 1U) << "the loopback device has this number on every Linux";
}

TEST(nameservers, have_a_limit)
{
    std::string text;
    for (int i = 1; i <= 40; ++i) text += "nameserver 192.0.2." + std::to_string(i) + '\n';
    EXPECT_EQ(resolver_list::parse(text).size(), resolver_list::most);
}

TEST(nameservers, are_learnt_again_when_the_file_changes)
{
    temporary_folder const folder;
    auto const file = folder.path() / "resolv.conf";
    auto now = steady_time{} + 100h;
    nameservers known(file);
    EXPECT_FALSE(known.look(now)) << "no file, no resolvers";
    std::ofstream(file) << "nameserver 192.0.2.1\n";
    EXPECT_FALSE(known.look(now)) << "it was looked at just now";
    now += nameservers::look_every;
    EXPECT_TRUE(known.look(now));
    EXPECT_EQ(known.all(), addresses{at("192.0.2.1")});
    now += nameservers::look_every;
    EXPECT_FALSE(known.look(now));

    std::ofstream(file) << "nameserver 192.0.2.2\nnameserver 2001:db8::1\n";
    now += nameservers::look_every;
    EXPECT_TRUE(known.look(now));
    EXPECT_EQ(known.all(), (addresses{at("192.0.2.2"), at("2001:db8::1")}));

    std::filesystem::remove(file);
    now += nameservers::look_every;
    EXPECT_TRUE(known.look(now));
    EXPECT_EQ(known.all(), addresses{});
}

}  // namespace
}  // namespace tp::probe
