#include "firmware-signing/control/prefix_list.hpp"

#include <gtest/gtest.h>

#include <string>

#include "firmware-signing/refusal.hpp"

namespace tp::control {
namespace {

using signing::refusal;

TEST(prefix_list, is_read_in_its_order)
{
    auto const list = read_prefix_list("9.0.0.0/8\n10.0.0.0/8\n10.0.0.0/16\n192.0.2.1/32\n2001:db8::/32\nff00::/8\n");
    ASSERT_EQ(list.value().size(), 6);
    EXPECT_EQ((*list)[3], ip_prefix::parse("192.0.2.1").value());
    EXPECT_EQ((*list)[4].text(), "2001:db8::/32");
    EXPECT_TRUE(read_prefix_list("").value().empty()) << "a list that was emptied";
}

TEST(prefix_list, has_one_spelling_and_repeats_nothing)
{
    for (std::string_view const wrong : {
             "\n",
             "192.0.2.0/24",
             "192.0.2.0/24\n\n",
             " 192.0.2.0/24\n",
             "192.0.2.0/24 \n",
             "192.0.2.0/24\r\n",
             "192.0.2.1\n",
             "192.0.2.1/24\n",
             "192.0.2.0/33\n",
             "192.0.2.0/024\n",
             "192.0.2.0/+24\n",
             "192.0.2.00/24\n",
             "2001:DB8::/32\n",
             "2001:db8:0::/32\n",
             "fe80::%1/64\n",
             "example.net\n",
             "# why\n192.0.2.0/24\n",
             "10.0.0.0/8\n9.0.0.0/8\n",
             "10.0.0.0/16\n10.0.0.0/8\n",
             "10.0.0.0/8\n10.0.0.0/8\n",
             "2001:db8::/32\n10.0.0.0/8\n",
         }) {
        SCOPED_TRACE(wrong);
        EXPECT_EQ(read_prefix_list(wrong).error(), refusal::malformed);
    }
}

TEST(prefix_list, has_a_limit)
{
    std::string list;
    for (std::size_t i = 0; i < most_prefixes; ++i)
        list += "10." + std::to_string(i / 256) + '.' + std::to_string(i % 256) + ".0/24\n";
    EXPECT_EQ(read_prefix_list(list).value().size(), most_prefixes);
    EXPECT_EQ(read_prefix_list(list + "11.0.0.0/8\n").error(), refusal::too_large);
}

}  // namespace
}  // namespace tp::control
