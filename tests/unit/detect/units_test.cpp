#include "registry/detect/units.hpp"

#include <gtest/gtest.h>

#include "registry/detect/finding.hpp"
#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;

TEST(detect_units, a_country_is_two_capital_letters_or_unknown)
{
    EXPECT_EQ(country("NL").text(), "NL");
    EXPECT_FALSE(country("").known());
    for (auto const* bad : {"nl", "N", "NLD", "N1"}) EXPECT_EQ(country_code::parse(bad).error(), errc::malformed);
}

TEST(detect_units, what_is_unknown_contradicts_nothing)
{
    EXPECT_TRUE(differ(as(1), as(2)));
    EXPECT_FALSE(differ(as(1), as(1)));
    EXPECT_FALSE(differ(as(1), as_number::unknown));
    EXPECT_TRUE(differ(country("NL"), country("DE")));
    EXPECT_FALSE(differ(country("NL"), country_code{}));
}

TEST(detect_units, a_share_of_nothing_is_nothing)
{
    EXPECT_EQ(tally{}.share(), 0);
    EXPECT_EQ((tally{1, 4}).share(), 0.25);
}

TEST(detect_units, are_written_for_people)
{
    EXPECT_EQ(in_text(as(64500)), "AS64500");
    EXPECT_EQ(in_text(millis(12.34F)), "12.3 ms");
    EXPECT_EQ(in_text(tally{3, 48}), "3 of 48");
    EXPECT_EQ(percent(0.125), "12.5 %");
    EXPECT_EQ(in_text(hour_time(std::chrono::hours{0})), "1970-01-01 00:00 UTC");
    EXPECT_EQ(in_text(hour_time(std::chrono::hours{24 * 365 + 13})), "1971-01-01 13:00 UTC");
}

TEST(detect_rules, are_found_by_their_names)
{
    for (std::size_t i = 0; i < rule_count; ++i) {
        auto const of = static_cast<rule>(i);
        EXPECT_EQ(rule_named(name(of)), of);
    }
    EXPECT_EQ(rule_named("nothing"), std::nullopt);
}

}  // namespace
}  // namespace tp::registry::detect
