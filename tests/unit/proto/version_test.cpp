#include "proto/version.hpp"

#include <gtest/gtest.h>

namespace tp::proto {
namespace {

TEST(version, is_the_highest_that_both_speak)
{
    struct row {
        version_range ours, theirs;
        unsigned expected;
    };
    for (auto const& [ours, theirs, expected] :
         {row{{1, 1}, {1, 1}, 1}, row{{1, 1}, {1, 3}, 1}, row{{1, 3}, {2, 9}, 3}, row{{2, 5}, {1, 2}, 2}}) {
        EXPECT_EQ(agree(ours, theirs).value(), expected);
        EXPECT_EQ(agree(theirs, ours).value(), expected);
    }
}

TEST(version, that_nobody_shares_is_an_error)
{
    EXPECT_EQ(agree({1, 1}, {2, 3}).error(), errc::unsupported);
    EXPECT_EQ(agree({2, 3}, {1, 1}).error(), errc::unsupported);
}

TEST(version, of_this_build_is_a_range)
{
    EXPECT_EQ(agree(our_versions, our_versions).value(), our_versions.highest);
}

}  // namespace
}  // namespace tp::proto
