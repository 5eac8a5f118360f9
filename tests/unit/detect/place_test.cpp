#include "registry/detect/place.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::HasSubstr;

template <class Change>
verdict after(int hours, Change change)
{
    static auto const others = quiet_survey();
    auto const window = window_of(hours, [&](int i, hour_facts& facts) {
        auto seen = good_hour(hour(i));
        change(i, seen);
        facts.place = place_of(probe_in(amsterdam), seen, anchors(), others, {});
    });
    return examine_place(window, {});
}

void from_abroad(int, probe_hour& seen)
{
    seen.country = country("US");
}
void other_as(int, probe_hour& seen)
{
    seen.as = as(64999);
}
void far_is_near(int, probe_hour& seen)
{
    seen.targets = {pings(to_amsterdam, 250), pings(to_tokyo, 100)};
}

TEST(detect_place, agreement_is_clean)
{
    EXPECT_EQ(after(24, [](int, probe_hour&) {}).is, outcome::clean);
    EXPECT_EQ(after(11, [](int, probe_hour&) {}).is, outcome::no_data);
}

TEST(detect_place, no_contradiction_alone_isolates)
{
    EXPECT_EQ(level(after(24, from_abroad)), severity::note);
    EXPECT_EQ(level(after(24, other_as)), severity::note);
    EXPECT_EQ(level(after(24, far_is_near)), severity::warning);
    EXPECT_EQ(level(after(24, [](int, probe_hour& seen) { seen.measured_as = as(64999); })), severity::note);
}

TEST(detect_place, contradictions_add_up)
{
    auto const both = after(24, [](int i, probe_hour& seen) {
        from_abroad(i, seen);
        other_as(i, seen);
    });
    EXPECT_EQ(level(both), severity::grave);
    auto const hardly = after(24, [](int i, probe_hour& seen) {
        from_abroad(i, seen);
        seen.measured_as = as(64999);
    });
    EXPECT_EQ(level(hardly), severity::warning);
    auto const measured = after(24, [](int i, probe_hour& seen) {
        from_abroad(i, seen);
        far_is_near(i, seen);
    });
    EXPECT_EQ(level(measured), severity::grave);
    EXPECT_THAT(measured.what->saw.text, HasSubstr("250.0 ms"));
    EXPECT_THAT(measured.what->saw.text, HasSubstr("US"));
    EXPECT_THAT(measured.what->against.text, HasSubstr("NL"));
}

TEST(detect_place, a_contradiction_must_last)
{
    auto const for_hours = [](int count) {
        return after(20, [=](int i, probe_hour& seen) {
            if (i >= count) return;
            from_abroad(i, seen);
            far_is_near(i, seen);
        });
    };
    EXPECT_EQ(for_hours(11).is, outcome::clean);
    EXPECT_EQ(level(for_hours(12)), severity::grave);
}

TEST(detect_place, a_far_anchor_that_is_hardly_nearer_says_nothing)
{
    auto const near_and_far = [](float near, float far) {
        return after(24, [=](int, probe_hour& seen) {
            seen.targets = {pings(to_amsterdam, near), pings(to_tokyo, far)};
        });
    };
    EXPECT_EQ(level(near_and_far(140, 113)), severity::note);  // less than a quarter more: slow, and no more
    EXPECT_EQ(level(near_and_far(140, 111)), severity::warning);
}

TEST(detect_place, a_reply_sooner_than_light_counts_as_measured)
{
    auto const fast = [](int hours, bool abroad) {
        return after(24, [=](int i, probe_hour& seen) {
            if (abroad) seen.country = country("JP");
            if (i < hours) seen.targets = {pings(to_tokyo, 20)};
        });
    };
    EXPECT_EQ(fast(3, false).is, outcome::clean);
    EXPECT_EQ(level(fast(4, false)), severity::warning);
    EXPECT_EQ(level(fast(4, true)), severity::grave);
}

TEST(detect_place, near_anchors_that_are_slow_weigh_less)
{
    auto const slow = [](float near, void (*more)(int, probe_hour&)) {
        return level(after(24, [=](int i, probe_hour& seen) {
            more(i, seen);
            seen.targets = {pings(to_amsterdam, near), pings(to_tokyo, 240)};
        }));
    };
    EXPECT_EQ(slow(19, from_abroad), severity::note);  // nine of ten are below 6.2 ms; 1.5 times that, and 10 ms
    EXPECT_EQ(slow(20, from_abroad), severity::grave);
    EXPECT_EQ(slow(20, other_as), severity::warning);  // a new provider, and a slow one
    EXPECT_EQ(slow(20, [](int, probe_hour&) {}), severity::note);
}

TEST(detect_place, a_disputed_country_is_decided_by_the_nearer_anchor)
{
    // The neighbours take a detour as well, so that the near anchor says little; but the address is abroad.
    auto const others = survey_of(40, [](int, profile&, probe_hour& seen) { far_is_near(0, seen); });
    auto const judged = [&](bool abroad) {
        auto const window = window_of(24, [&](int i, hour_facts& facts) {
            auto seen = good_hour(hour(i));
            far_is_near(i, seen);
            if (abroad) from_abroad(i, seen);
            facts.place = place_of(probe_in(amsterdam), seen, anchors(), others, {});
        });
        return level(examine_place(window, {}));
    };
    EXPECT_EQ(judged(false), nothing);
    EXPECT_EQ(judged(true), severity::grave);
}

TEST(detect_place, without_peers_a_far_anchor_must_be_much_nearer)
{
    auto const alone = quiet_survey(0);
    auto const near_and_far = [&](float near, float far) {
        auto const window = window_of(24, [&](int i, hour_facts& facts) {
            auto seen = good_hour(hour(i));
            seen.targets = {pings(to_amsterdam, near), pings(to_tokyo, far)};
            facts.place = place_of(probe_in(amsterdam), seen, anchors(), alone, {});
        });
        return level(examine_place(window, {}));
    };
    EXPECT_EQ(near_and_far(149, 100), nothing);
    EXPECT_EQ(near_and_far(151, 100), severity::warning);
}

TEST(detect_place, a_renumbered_as_and_a_wrong_database_contradict_nothing)
{
    auto const others = survey_of(5, [](int i, profile&, probe_hour& seen) {
        other_as(i, seen);
        from_abroad(i, seen);
    });
    auto const window = window_of(24, [&](int i, hour_facts& facts) {
        auto seen = good_hour(hour(i));
        other_as(i, seen);
        from_abroad(i, seen);
        facts.place = place_of(probe_in(amsterdam), seen, anchors(), others, {});
    });
    EXPECT_EQ(examine_place(window, {}).is, outcome::clean);
}

TEST(detect_place, a_detour_that_the_neighbours_have_as_well_says_nothing)
{
    auto const others = survey_of(40, [](int, profile&, probe_hour& seen) { far_is_near(0, seen); });
    auto const window = window_of(24, [&](int i, hour_facts& facts) {
        auto seen = good_hour(hour(i));
        far_is_near(i, seen);
        facts.place = place_of(probe_in(amsterdam), seen, anchors(), others, {});
    });
    EXPECT_EQ(examine_place(window, {}).is, outcome::clean);
}

TEST(detect_place, an_address_in_three_countries_a_day_is_moving)
{
    auto const countries = [](int count) {
        return after(24, [=](int i, probe_hour& seen) {
            if (i < count - 1) seen.country = country(i == 0 ? "US" : "JP");
        });
    };
    EXPECT_EQ(countries(2).is, outcome::clean);
    EXPECT_EQ(level(countries(3)), severity::grave);
}

}  // namespace
}  // namespace tp::registry::detect
