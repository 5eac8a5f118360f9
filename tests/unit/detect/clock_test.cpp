#include "registry/detect/clock.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::HasSubstr;

template <class Change>
verdict after(int hours, survey const& others, Change change)
{
    auto const window = window_of(hours, [&](int i, hour_facts& facts) {
        auto seen = good_hour(hour(i));
        change(i, seen);
        facts.clock = clock_of(seen, others, {});
    });
    return examine_clock(window, {});
}

verdict always(float offset, bool synchronised, float uncertainty = 50)
{
    return after(24, quiet_survey(), [=](int, probe_hour& seen) {
        seen.clock = {{millis(offset)}, millis(uncertainty), synchronised};
    });
}

TEST(detect_clock, a_synchronised_clock_must_be_right)
{
    EXPECT_EQ(always(2'050, true).is, outcome::clean);
    EXPECT_EQ(level(always(2'060, true)), severity::grave);
    EXPECT_EQ(level(always(-2'060, true)), severity::grave);
    EXPECT_EQ(always(2'060, true, 100).is, outcome::clean);  // the exchange was slow
    EXPECT_THAT(always(-60'000, true).what->saw.text, HasSubstr("60.0 s behind"));
}

TEST(detect_clock, one_that_says_that_it_is_not_synchronised_is_a_warning_at_most)
{
    EXPECT_EQ(always(50'000, false).is, outcome::clean);
    EXPECT_EQ(level(always(86'400'000, false)), severity::warning);
}

TEST(detect_clock, it_must_be_off_for_eight_hours_and_for_most)
{
    auto const off_for = [](int off, int of) {
        return after(of, quiet_survey(), [=](int i, probe_hour& seen) {
            if (i < off) seen.clock->offset = millis(9'000.0F);
        });
    };
    EXPECT_EQ(off_for(7, 7).is, outcome::no_data);
    EXPECT_EQ(level(off_for(8, 8)), severity::grave);
    EXPECT_EQ(off_for(11, 20).is, outcome::clean);
    EXPECT_EQ(level(off_for(12, 20)), severity::grave);
}

TEST(detect_clock, a_controller_whose_probes_are_all_off_is_wrong_itself)
{
    auto const all_off = survey_of(40, [](int, profile&, probe_hour& seen) { seen.clock->offset = millis(9'000.0F); });
    auto const off = [](int, probe_hour& seen) { seen.clock->offset = millis(9'000.0F); };
    EXPECT_EQ(after(24, all_off, off).is, outcome::no_data);
    auto const on_another = [](int, probe_hour& seen) {
        seen.controller = controller(2);
        seen.clock->offset = millis(9'000.0F);
    };
    EXPECT_EQ(level(after(24, all_off, on_another)), severity::grave);
}

}  // namespace
}  // namespace tp::registry::detect
