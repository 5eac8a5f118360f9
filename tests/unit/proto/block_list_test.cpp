#include "proto/block_list.hpp"

#include <gtest/gtest.h>

namespace tp::proto {
namespace {

TEST(block_list, comes_back_as_it_was_written)
{
    block_list const list{7, {*ip_prefix::parse("192.0.2.0/24"), *ip_prefix::parse("2001:db8::7")}};
    EXPECT_EQ(decode_blocks(encode_blocks(list)).value(), list);
    EXPECT_EQ(decode_blocks(encode_blocks({8, {}})).value(), (block_list{8, {}}));
}

TEST(block_list, is_refused_as_a_whole_when_a_line_is_wrong)
{
    for (auto const* text : {"", "trigpoint blocks 7", "trigpoint blocks \n", "trigpoint blocks -1\n", "blocks 7\n",
                             "trigpoint blocks 7 \n", "trigpoint blocks 7\n\n", "trigpoint blocks 7\n192.0.2.1/24\n",
                             "trigpoint blocks 7\n192.0.2.0/24", "trigpoint blocks 7\nname\n"})
        EXPECT_EQ(decode_blocks(text).error(), errc::malformed) << text;
}

TEST(block_list, has_an_end)
{
    block_list list{1, std::vector(block_list::most, *ip_prefix::parse("192.0.2.7"))};
    EXPECT_TRUE(decode_blocks(encode_blocks(list)));
    list.prefixes.push_back(*ip_prefix::parse("192.0.2.7"));
    EXPECT_EQ(decode_blocks(encode_blocks(list)).error(), errc::too_large);
}

}  // namespace
}  // namespace tp::proto
