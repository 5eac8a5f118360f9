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

TEST(detect_survey, names_broken_canaries)
{
    auto const others = survey_of(60, [](int i, profile&, probe_hour& seen) {
        seen.canaries = {{measurement(21), canary::closed_port, 1, static_cast<std::uint16_t>(i < 3 ? 1 : 0), 0},
                         {measurement(22), canary::closed_port, 1, static_cast<std::uint16_t>(i < 2 ? 1 : 0), 0}};
    });
    EXPECT_THAT(others.doubted_canaries(), testing::ElementsAre(measurement(21)));
}

TEST(detect_survey, doubts_the_place_of_an_anchor_that_three_probes_contradict)
{
    auto const contradicted_by = [](int count, int of) {
        return survey_of(of, [=](int i, profile&, probe_hour& seen) {
            seen.targets = {pings(to_tokyo, i < count ? 60 : 240), pings(v6_tokyo, i < count ? 60 : 240)};
        });
    };
    auto const& tokyo_anchor = *anchors().find(to_tokyo);
    EXPECT_FALSE(contradicted_by(2, 60).doubts_place(tokyo_anchor));  // by both families, and yet two
    EXPECT_TRUE(contradicted_by(3, 60).doubts_place(tokyo_anchor));
    EXPECT_TRUE(contradicted_by(3, 60).doubts_place(*anchors().find(v6_tokyo)));
    EXPECT_THAT(contradicted_by(3, 60).doubted_sites(), testing::ElementsAre(tokyo_anchor.site));
    EXPECT_TRUE(contradicted_by(3, 2000).doubts_place(tokyo_anchor));  // those with the soonest replies
}

TEST(detect_survey, of_many_probes_a_few_contradict_without_a_doubt)
{
    auto const others = survey_of(2000, [](int i, profile& who, probe_hour& seen) {
        if (i >= 10) who.claimed = tokyo;
        seen.targets = {pings(to_tokyo, i < 10 ? 60 : 3)};
    });
    EXPECT_TRUE(others.doubts_place(*anchors().find(to_tokyo)));  // 0.5 %
    auto const fewer = survey_of(2000, [](int i, profile& who, probe_hour& seen) {
        if (i >= 9) who.claimed = tokyo;
        seen.targets = {pings(to_tokyo, i < 9 ? 60 : 3)};
    });
    EXPECT_FALSE(fewer.doubts_place(*anchors().find(to_tokyo)));
}

TEST(detect_survey, sees_that_a_network_answers_for_others)
{
    auto const answered = [](int bad, int all, as_number as_of_all, country_code land) {
        return survey_of(all, [=](int i, profile& who, probe_hour& seen) {
            seen.as = as_of_all == as_number::unknown ? as(65'000 + static_cast<unsigned>(i)) : as_of_all;
            seen.country = land;
            who.country = country("NL");
            seen.canaries = {{measurement(21), canary::absent_name, 1, static_cast<std::uint16_t>(i < bad ? 1 : 0), 0}};
        });
    };
    auto seen = good_hour();
    auto const who = probe_in(amsterdam);
    // The probe at hand is one of those counted.
    EXPECT_FALSE(answered(2, 2, as(64500), {}).network_answers(canary::absent_name, who, seen));
    EXPECT_TRUE(answered(2, 3, as(64500), {}).network_answers(canary::absent_name, who, seen));
    EXPECT_FALSE(answered(2, 4, as(64500), {}).network_answers(canary::absent_name, who, seen));
    EXPECT_FALSE(answered(2, 3, as(64500), {}).network_answers(canary::closed_port, who, seen));
    EXPECT_FALSE(answered(4, 4, as_number::unknown, country("NL")).network_answers(canary::absent_name, who, seen));
    EXPECT_TRUE(answered(5, 5, as_number::unknown, country("NL")).network_answers(canary::absent_name, who, seen));
    seen.country = country("DE");  // wrong in the database, for this probe only
    EXPECT_TRUE(answered(5, 5, as_number::unknown, country("NL")).network_answers(canary::absent_name, who, seen));
}

TEST(detect_survey, sees_that_an_as_was_renumbered_or_is_wrong_in_the_database)
{
    auto const moved = [](int count, int of) {
        return survey_of(of, [=](int i, profile&, probe_hour& seen) {
            if (i < count) seen.as = as(64'777);
            seen.country = i < count ? country("US") : country("NL");
        });
    };
    EXPECT_TRUE(moved(3, 5).as_was_renumbered(as(64'500), as(64'777)));
    EXPECT_FALSE(moved(2, 5).as_was_renumbered(as(64'500), as(64'777)));
    EXPECT_FALSE(moved(3, 5).as_was_renumbered(as(64'500), as(64'778)));
    EXPECT_TRUE(moved(3, 3).database_is_wrong(as(64'777), country("NL"), country("US")));
    EXPECT_FALSE(moved(2, 2).database_is_wrong(as(64'777), country("NL"), country("US")));
    EXPECT_FALSE(moved(3, 3).database_is_wrong(as(64'777), country("DE"), country("US")));
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
    EXPECT_TRUE(none.doubted_sites().empty());
    EXPECT_TRUE(none.doubted_canaries().empty());
}

}  // namespace
}  // namespace tp::registry::detect
