#include "registry/director/measures.hpp"

#include <gtest/gtest.h>

namespace tp::registry {
namespace {

measurement_id anchor(int number)
{
    return *measurement_id::from(number);
}

stretch sum(std::vector<delivered> const& all)
{
    stretch out;
    for (auto const& each : all) out.add(each);
    return out;
}

TEST(measures, add_rounds_up_and_compare_the_same_targets)
{
    auto const before = sum({{10, 10, {{anchor(1), 20.0}, {anchor(2), 100.0}}}, {10, 5, {{anchor(1), 10.0}}}});
    auto const after = sum({{10, 6, {{anchor(1), 30.0}, {anchor(3), 1.0}}}});
    auto const seen = compared(before, after, true);
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->updated);
    EXPECT_DOUBLE_EQ(seen->rate_before, 0.75);
    EXPECT_DOUBLE_EQ(seen->rate_after, 0.6);
    EXPECT_NEAR(seen->trip_before.value(), 10, 1e-9) << "the least, to the target that both have";
    EXPECT_NEAR(seen->trip_after.value(), 30, 1e-9);
}

TEST(measures, say_nothing_where_there_is_nothing_to_compare)
{
    stretch const none;
    auto const some = sum({{10, 10, {}}});
    EXPECT_FALSE(compared(none, some, true));
    EXPECT_FALSE(compared(some, none, true));
    EXPECT_FALSE(compared(some, some, true)->trip_before);
}

TEST(measures, count_no_more_results_than_were_due)
{
    EXPECT_DOUBLE_EQ(sum({{10, 30, {}}}).rate(), 1.0);
}

}  // namespace
}  // namespace tp::registry
