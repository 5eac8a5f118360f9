#include "firmware-signing/tool/times.hpp"

#include <gtest/gtest.h>

namespace tp::signing::tool {
namespace {

using namespace std::chrono_literals;

TEST(times, are_read_as_days_or_as_moments)
{
    struct row {
        char const *text, *moment;
    };
    for (auto const& [text, moment] : {
             row{"2027-01-31", "2027-01-31 00:00:00 UTC"},
             row{"2027-01-31T12:34:56Z", "2027-01-31 12:34:56 UTC"},
             row{"2028-02-29", "2028-02-29 00:00:00 UTC"},
             row{"1970-01-01", "1970-01-01 00:00:00 UTC"},
             row{"2199-12-31T23:59:59Z", "2199-12-31 23:59:59 UTC"},
         }) {
        auto const at = parse_date(text);
        ASSERT_TRUE(at) << text;
        EXPECT_EQ(date_text(*at), moment);
    }
    for (auto const* wrong : {"",
                              "2027",
                              "2027-1-31",
                              "2027-02-29",
                              "2027-13-01",
                              "2027-00-01",
                              "2027-01-31T",
                              "2027-01-31T12:00",
                              "tomorrow",
                              "2027-01-31T12:00:00",
                              "2027-01-31T24:00:00Z",
                              "2027-01-31T12:60:00Z",
                              "2027-01-31T12:00:00Zx",
                              "2027-01-31x",
                              "2200-01-01",
                              "1969-12-31",
                              "-027-01-31",
                              "+027-01-31",
                              " 2027-01-31",
                              "2027/01/31"})
        EXPECT_FALSE(parse_date(wrong)) << wrong;
}

TEST(times, tell_how_far_ahead_they_are)
{
    auto const now = from_unix_seconds(1'800'000'000);
    EXPECT_EQ(ahead_text(now + 48h - 1s, now), "in 2 days");
    EXPECT_EQ(ahead_text(now + 35h, now), "in 1 day");
    EXPECT_EQ(ahead_text(now + 23h, now), "in 23 hours");
    EXPECT_EQ(ahead_text(now + 60min, now), "in 1 hour");
    EXPECT_EQ(ahead_text(now + 1s, now), "in 1 minute");
    EXPECT_EQ(ahead_text(now, now), "EXPIRED");
    EXPECT_EQ(ahead_text(now - 48h, now), "EXPIRED");
}

}  // namespace
}  // namespace tp::signing::tool
