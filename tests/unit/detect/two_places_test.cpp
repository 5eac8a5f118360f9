#include "registry/detect/two_places.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::HasSubstr;

login login_over(bool answering)
{
    return {.at = {},
            .from = address("192.0.2.1"),
            .as = as(64500),
            .boot_count = 3,
            .displaced = rival{address("198.51.100.1"), as(64501), answering}};
}

verdict after(int meetings, int hours = 24)
{
    auto const window = window_of(hours, [&](int i, hour_facts& facts) {
        probe_hour seen;
        if (i < meetings) seen.logins = {login_over(true)};
        facts.two_places = two_places_of(seen);
    });
    return examine_two_places(window, {});
}

TEST(detect_two_places, a_session_that_went_silent_is_no_second_device)
{
    probe_hour seen;
    seen.logins = {login_over(false), login_over(false), {.at = {}, .from = address("192.0.2.1")}};
    EXPECT_EQ(two_places_of(seen).meetings, 0U);
    seen.logins.push_back(login_over(true));
    EXPECT_EQ(two_places_of(seen).meetings, 1U);
}

TEST(detect_two_places, one_meeting_warns_and_three_are_grave)
{
    EXPECT_EQ(after(0).is, outcome::clean);
    EXPECT_EQ(level(after(1)), severity::warning);
    EXPECT_EQ(level(after(2)), severity::warning);
    EXPECT_EQ(level(after(3)), severity::grave);
}

TEST(detect_two_places, says_nothing_after_a_few_hours_but_accuses_at_once)
{
    EXPECT_EQ(after(0, 5).is, outcome::no_data);
    EXPECT_EQ(level(after(3, 3)), severity::grave);
}

TEST(detect_two_places, shows_both_addresses)
{
    auto const found = after(3);
    EXPECT_EQ(found.what->saw.number, 3);
    EXPECT_THAT(found.what->saw.text, HasSubstr("192.0.2.1 (AS64500)"));
    EXPECT_THAT(found.what->saw.text, HasSubstr("198.51.100.1 (AS64501)"));
    EXPECT_EQ(found.what->against.number, 3);
    EXPECT_FALSE(found.what->clears.empty());
}

}  // namespace
}  // namespace tp::registry::detect
