#include "registry/detect/survey.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;

TEST(detect_survey, the_best_quarter_is_the_measure)
{
    auto const others = survey_of(
        40, [](int i, profile&, probe_hour& seen) { seen.targets = {pings(to_amsterdam, 6, i < 11 ? 45 : 0)}; });
    auto const best = others.best_success(to_amsterdam, cell_of(amsterdam));
    ASSERT_TRUE(best);
    EXPECT_EQ(best->value, 1.0);
    EXPECT_EQ(best->peers, 40U);
    EXPECT_FALSE(others.best_success(to_tokyo, cell_of(amsterdam)));
}

TEST(detect_survey, peers_are_those_of_the_cell_while_there_are_enough)
{
    auto const others = survey_of(47, [](int i, profile& who, probe_hour& seen) {
        who.claimed = i < 40 ? amsterdam : tokyo;
        seen.targets = {pings(to_amsterdam, 6, i < 40 ? 0 : 45)};
    });
    EXPECT_EQ(others.best_success(to_amsterdam, cell_of(amsterdam))->value, 0.0);
    EXPECT_EQ(others.best_success(to_amsterdam, cell_of(tokyo))->value, 0.0);  // seven: all are asked
    auto const more = survey_of(48, [](int i, profile& who, probe_hour& seen) {
        who.claimed = i < 40 ? amsterdam : tokyo;
        seen.targets = {pings(to_amsterdam, 6, i < 40 ? 0 : 45)};
    });
    EXPECT_EQ(more.best_success(to_amsterdam, cell_of(tokyo))->value, 1.0);
}

TEST(detect_survey, knows_the_highest_round_trip_of_the_others)
{
    auto const others = survey_of(20, [](int i, profile& who, probe_hour& seen) {
        who.probe = probe(1 + i);
        seen.targets = {pings(to_amsterdam, static_cast<float>(10 + i))};
    });
    auto const around = cell_of(amsterdam);
    EXPECT_EQ(others.highest_round_trip(to_amsterdam, around, probe(1))->value, 29);
    EXPECT_EQ(others.highest_round_trip(to_amsterdam, around, probe(20))->value, 28);
    EXPECT_NEAR(others.usual_round_trip(to_amsterdam, around)->value, 28, 2);
    EXPECT_FALSE(others.highest_round_trip(to_amsterdam, cell_of(tokyo), probe(1)));
}

TEST(detect_survey, says_when_nobody_reaches_a_target)
{
    auto const reached_by = [](int count, int of) {
        return survey_of(
            of, [=](int i, profile&, probe_hour& seen) { seen.targets = {pings(to_tokyo, 240, i < count ? 45 : 0)}; });
    };
    EXPECT_TRUE(reached_by(0, 20).nobody_reaches(to_tokyo));
    EXPECT_TRUE(reached_by(1, 20).nobody_reaches(to_tokyo));  // the probe at hand
    EXPECT_FALSE(reached_by(2, 20).nobody_reaches(to_tokyo));
    EXPECT_FALSE(reached_by(0, 19).nobody_reaches(to_tokyo));  // too few to say so
    EXPECT_TRUE(reached_by(3, 200).nobody_reaches(to_tokyo));
    EXPECT_FALSE(reached_by(4, 200).nobody_reaches(to_tokyo));
}

TEST(detect_survey, names_what_many_contradict)
{
    auto const others = survey_of(60, [](int i, profile&, probe_hour& seen) {
        seen.canaries = {{measurement(21), canary::closed_port, 1, static_cast<std::uint16_t>(i < 3 ? 1 : 0), 0},
                         {measurement(22), canary::closed_port, 1, static_cast<std::uint16_t>(i < 2 ? 1 : 0), 0}};
        if (i < 3) seen.targets = {pings(to_tokyo, 1)};
    });
    EXPECT_THAT(others.doubted(), testing::ElementsAre(to_tokyo, measurement(21)));
    EXPECT_TRUE(others.doubts_place(to_tokyo));
    EXPECT_FALSE(others.doubts_place(to_sydney));
}

TEST(detect_survey, doubts_a_clock_by_the_median)
{
    auto const off_by = [](float offset) {
        return survey_of(
            40, [=](int i, profile&, probe_hour& seen) { seen.clock->offset = millis(i < 21 ? offset : 0.0F); });
    };
    EXPECT_FALSE(off_by(400).doubts_clock(controller(1)));
    EXPECT_TRUE(off_by(600).doubts_clock(controller(1)));
    EXPECT_TRUE(off_by(-86'400'000).doubts_clock(controller(1)));
    EXPECT_FALSE(off_by(600).doubts_clock(controller(2)));
}

TEST(detect_survey, an_empty_one_answers_nothing)
{
    auto const none = quiet_survey(0);
    EXPECT_FALSE(none.best_success(to_tokyo, cell::everywhere));
    EXPECT_FALSE(none.octets_per_result());
    EXPECT_FALSE(none.nobody_reaches(to_tokyo));
    EXPECT_TRUE(none.doubted().empty());
}

}  // namespace
}  // namespace tp::registry::detect
