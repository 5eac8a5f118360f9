#include "api/times.hpp"

#include <gtest/gtest.h>

namespace tp::api {
namespace {

TEST(times, reads_unix_seconds_and_iso_8601)
{
    struct row {
        std::string_view text;
        std::int64_t seconds;
    };
    for (auto const& [text, seconds] : {
             row{"0", 0},
             row{"1700000000", 1'700'000'000},
             row{"1700000000.75", 1'700'000'000},
             row{"2023-11-14", 1'699'920'000},
             row{"2023-11-14T22:13:20", 1'700'000'000},
             row{"2023-11-14 22:13:20Z", 1'700'000'000},
             row{"2023-11-14T22:13:20.123456Z", 1'700'000'000},
             row{"2023-11-14T23:13:20+01:00", 1'700'000'000},
             row{"2023-11-14T16:43:20-0530", 1'700'000'000},
             row{"2023-11-14T22:13Z", 1'699'999'980},
         }) {
        SCOPED_TRACE(text);
        auto const at = parse_time(text);
        ASSERT_TRUE(at);
        EXPECT_EQ(to_unix_seconds(*at), seconds);
    }
}

TEST(times, refuses_what_is_none)
{
    for (auto const* text :
         {"", "now", "2023-13-01", "2023-02-30", "2023-11-14T", "2023-11-14T25:00", "-1", "2023-11-14T22:13:20+99:00",
          "2023-11-14T22:13:20Zx", "99999999999", "99999999999999999999", "2023-11-14T22:13:20."}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_time(text));
    }
}

TEST(times, writes_iso_8601)
{
    EXPECT_EQ(iso_text(from_unix_seconds(1'700'000'000) + std::chrono::milliseconds(999)), "2023-11-14T22:13:20Z");
}

}  // namespace
}  // namespace tp::api
