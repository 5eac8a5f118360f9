#include "api/cli/text.hpp"

#include <gtest/gtest.h>

namespace tp::cli {
namespace {

TEST(parse_time, reads_seconds_and_dates_in_utc)
{
    EXPECT_EQ(parse_time("1700000000"), 1'700'000'000);
    EXPECT_EQ(parse_time("1970-01-02"), 86'400);
    EXPECT_EQ(parse_time("1970-01-01T01:02"), 3'720);
    EXPECT_EQ(parse_time("1970-01-01T01:02:03Z"), 3'723);
    for (auto const* wrong :
         {"", "yesterday", "-5", "1970-13-01", "1970-01-01T25:00", "1970-01-01 x", "12345678901234"})
        EXPECT_EQ(parse_time(wrong), std::nullopt) << wrong;
}

TEST(query_escape, leaves_only_what_is_harmless)
{
    EXPECT_EQ(query_escape("a-Z_0.~,b"), "a-Z_0.~,b");
    EXPECT_EQ(query_escape("a b&c=/?#%"), "a%20b%26c%3D%2F%3F%23%25");
    EXPECT_EQ(query_escape("\xc3\xb6"), "%C3%B6");
}

TEST(text, writes_numbers_for_people)
{
    EXPECT_EQ(decimal_text(1.005), "1.00");
    EXPECT_EQ(decimal_text(-0.12345, 3), "-0.123");
    EXPECT_EQ(times_text({}), "");
    EXPECT_EQ(times_text({9.125, 7}), "  ms: 9.12 7.00");
    EXPECT_EQ(count_text(1, "hop"), "1 hop");
    EXPECT_EQ(count_text(0, "hop"), "0 hops");
    EXPECT_EQ(time_text(1'700'000'000), "2023-11-14 22:13:20");
}

}  // namespace
}  // namespace tp::cli
