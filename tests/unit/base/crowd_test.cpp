#include "base/crowd.hpp"

#include <gtest/gtest.h>

namespace tp {
namespace {

ip_address at(char const* text)
{
    return parse_address(text).value();
}

TEST(crowd, one_source_may_fill_its_own_share_only)
{
    crowd room({.in_all = 10, .of_a_source = 2});
    EXPECT_TRUE(room.enter(at("192.0.2.1")));
    EXPECT_TRUE(room.enter(at("192.0.2.1")));
    EXPECT_FALSE(room.enter(at("192.0.2.1")));
    EXPECT_FALSE(room.enter(at("::ffff:192.0.2.1"))) << "in whatever spelling";
    EXPECT_TRUE(room.enter(at("192.0.2.2")));
    EXPECT_EQ(room.inside(), 3U);
}

TEST(crowd, all_addresses_of_an_ipv6_64_are_one_source)
{
    crowd room({.in_all = 10, .of_a_source = 2});
    EXPECT_TRUE(room.enter(at("2001:db8:1:2::1")));
    EXPECT_TRUE(room.enter(at("2001:db8:1:2:ffff::1")));
    EXPECT_FALSE(room.enter(at("2001:db8:1:2:3:4:5:6")));
    EXPECT_TRUE(room.enter(at("2001:db8:1:3::1")));
}

TEST(crowd, there_is_an_end_for_all_together)
{
    crowd room({.in_all = 2, .of_a_source = 2});
    EXPECT_TRUE(room.enter(at("192.0.2.1")));
    EXPECT_TRUE(room.enter(at("2001:db8::1")));
    EXPECT_FALSE(room.enter(at("192.0.2.3")));
    room.leave(at("192.0.2.1"));
    EXPECT_TRUE(room.enter(at("192.0.2.3")));
}

TEST(crowd, who_left_makes_room_for_the_same_source)
{
    crowd room({.in_all = 10, .of_a_source = 1});
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(room.enter(at("2001:db8::1")));
        EXPECT_FALSE(room.enter(at("2001:db8::2")));
        room.leave(at("2001:db8::1"));
    }
    EXPECT_EQ(room.inside(), 0U);
}

}  // namespace
}  // namespace tp
