#include "registry/detect/round_trip.hpp"

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
        facts.round_trip = round_trip_of(probe_in(amsterdam), seen, anchors(), others, {});
    });
    return examine_round_trip(window, {});
}

TEST(detect_round_trip, what_light_allows_is_clean)
{
    auto const others = quiet_survey();
    EXPECT_EQ(after(24, others, [](int, probe_hour&) {}).is, outcome::clean);
    EXPECT_EQ(after(5, others, [](int, probe_hour&) {}).is, outcome::no_data);
}

TEST(detect_round_trip, too_soon_from_two_anchors_for_four_hours_is_grave)
{
    auto const others = quiet_survey();
    auto const hours = [&](int count) {
        return after(24, others, [&](int i, probe_hour& seen) {
            if (i < count) seen.targets = {pings(to_tokyo, 60), pings(to_sydney, 90)};
        });
    };
    EXPECT_EQ(hours(3).is, outcome::clean);
    auto const found = hours(4);
    EXPECT_EQ(level(found), severity::grave);
    EXPECT_THAT(found.what->saw.text, HasSubstr("ms"));
    EXPECT_GT(found.what->against.number, found.what->saw.number);
}

TEST(detect_round_trip, a_single_anchor_is_a_warning)
{
    auto const found = after(24, quiet_survey(), [](int, probe_hour& seen) { seen.targets = {pings(to_tokyo, 60)}; });
    EXPECT_EQ(level(found), severity::warning);
    EXPECT_EQ(level(after(24, quiet_survey(),
                          [](int, probe_hour& seen) {
                              seen.targets = {pings(to_tokyo, 60), pings(v6_tokyo, 60)};
                          })),
              severity::warning);  // both families of one
    auto const in_turn = after(24, quiet_survey(), [](int i, probe_hour& seen) {
        seen.targets = {i % 2 == 0 ? pings(to_tokyo, 60) : pings(to_sydney, 90)};
    });
    EXPECT_EQ(level(in_turn), severity::grave);
}

TEST(detect_round_trip, an_anchor_that_many_probes_contradict_is_in_the_wrong_place)
{
    auto const fast = [](int, probe_hour& seen) { seen.targets = {pings(to_tokyo, 60), pings(to_sydney, 90)}; };
    auto const few = survey_of(60, [&](int i, profile&, probe_hour& seen) {
        if (i < 2) fast(i, seen);
    });
    EXPECT_EQ(level(after(24, few, fast)), severity::grave);
    auto const many = survey_of(60, [&](int i, profile&, probe_hour& seen) {
        if (i < 3) fast(i, seen);
    });
    EXPECT_EQ(after(24, many, fast).is, outcome::clean);
}

TEST(detect_round_trip, slower_than_every_peer_for_long_is_a_warning)
{
    auto const others = quiet_survey();
    auto const slow = [&](int count, float frankfurt) {
        return after(24, others, [&](int i, probe_hour& seen) {
            if (i < count) seen.targets = {pings(to_amsterdam, 30), pings(to_frankfurt, frankfurt)};
        });
    };
    EXPECT_EQ(level(slow(17, 40)), severity::warning);
    EXPECT_EQ(slow(16, 40).is, outcome::clean);  // less than 70 % of the hours
    EXPECT_EQ(slow(24, 35).is, outcome::clean);  // 14 * 1.5 + 15 = 36: half of the targets
}

TEST(detect_round_trip, one_other_probe_that_is_as_slow_is_enough_to_be_believed)
{
    auto const others = survey_of(40, [](int i, profile&, probe_hour& seen) {
        if (i == 0) seen.targets = {pings(to_amsterdam, 600), pings(to_frankfurt, 610)};
    });
    auto const slow = [](int, probe_hour& seen) {
        seen.targets = {pings(to_amsterdam, 610), pings(to_frankfurt, 620)};
    };
    EXPECT_EQ(after(24, others, slow).is, outcome::clean);
}

TEST(detect_round_trip, a_probe_is_not_its_own_peer)
{
    auto const slow = [](int, probe_hour& seen) {
        seen.targets = {pings(to_amsterdam, 600), pings(to_frankfurt, 610)};
    };
    auto const with_itself = survey_of(40, [&](int i, profile& who, probe_hour& seen) {
        if (i != 0) return;
        who.probe = probe(1);
        slow(0, seen);
    });
    EXPECT_EQ(level(after(24, with_itself, slow)), severity::warning);
}

TEST(detect_round_trip, nobody_is_compared_with_seven)
{
    auto const slow = [](int, probe_hour& seen) {
        seen.targets = {pings(to_amsterdam, 600), pings(to_frankfurt, 610)};
    };
    EXPECT_EQ(after(24, quiet_survey(7), slow).is, outcome::clean);
    EXPECT_EQ(level(after(24, quiet_survey(8), slow)), severity::warning);
}

}  // namespace
}  // namespace tp::registry::detect
