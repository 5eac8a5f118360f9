#include <gtest/gtest.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;

hour_facts facts(int number)
{
    hour_facts out;
    out.hour = hour(number);
    return out;
}

TEST(detect_window, never_holds_more_than_24_hours)
{
    window recent;
    for (int i = 0; i < 100; ++i) {
        recent.add(facts(i));
        auto const view = recent.view();
        ASSERT_EQ(view.size(), static_cast<std::size_t>(std::min(i + 1, 24)));
        for (std::size_t j = 0; j < view.size(); ++j) {
            ASSERT_EQ(view[j].hour, hour(i - static_cast<int>(view.size()) + 1 + static_cast<int>(j)));
        }
    }
}

TEST(detect_window, forgets_by_time_and_not_by_number)
{
    window recent;
    recent.add(facts(0));
    recent.add(facts(5));
    recent.add(facts(25));
    ASSERT_EQ(recent.view().size(), 2U);
    EXPECT_EQ(recent.view().front().hour, hour(5));
    recent.forget_before(hour(60));
    EXPECT_TRUE(recent.view().empty());
}

TEST(detect_window, without_data_no_rule_says_anything)
{
    for (auto const& each : examine({}, {})) EXPECT_EQ(each.is, outcome::no_data);
}

TEST(detect_window, a_good_day_is_clean_by_every_rule_that_has_data)
{
    auto const others = quiet_survey();
    window recent;
    for (int i = 0; i < 24; ++i) {
        auto seen = good_hour(hour(i));
        seen.canaries = {{measurement(21), canary::closed_port, 2, 0, 0}};
        firmware_catalogue const signed_ones{{{7, {}}}, 7, hour(0)};
        seen.reports = {{seen.hour, 7, {}, true, true}};
        recent.add(condense(probe_in(amsterdam), seen, anchors(), others, signed_ones, {}));
    }
    auto const found = examine(recent.view(), {});
    for (std::size_t i = 0; i < rule_count; ++i) {
        SCOPED_TRACE(name(static_cast<rule>(i)));
        EXPECT_EQ(found[i].is, outcome::clean);
    }
}

}  // namespace
}  // namespace tp::registry::detect
