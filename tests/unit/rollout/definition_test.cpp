#include "registry/rollout/definition.hpp"

#include <gtest/gtest.h>

#include "tests/unit/rollout/samples.hpp"

namespace tp::registry::rollout {
namespace {

TEST(waves, are_read_and_written_in_one_spelling)
{
    for (auto const* text : {"lab,1%,5%,25%,100%", "lab,100%", "100%", "0.01%,0.5%,12.25%,100%"}) {
        SCOPED_TRACE(text);
        auto const read = parse_waves(text);
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(text_of(*read), text);
    }
    EXPECT_EQ(*parse_waves("lab,1%,2.5%,100%"), (waves{0, 100, 250, 10'000}));
}

TEST(waves, name_what_is_wrong)
{
    struct row {
        std::string_view text;
        errc expected;
    };
    for (auto const& [text, expected] :
         {row{"", errc::malformed}, row{"lab", errc::out_of_range}, row{"1%,1%,100%", errc::out_of_range},
          row{"5%,1%,100%", errc::out_of_range}, row{"1%,lab,100%", errc::out_of_range},
          row{"1%,50%", errc::out_of_range}, row{"101%", errc::out_of_range}, row{"0%,100%", errc::out_of_range},
          row{"1,100%", errc::malformed}, row{"1.%,100%", errc::malformed}, row{"1.001%,100%", errc::malformed},
          row{"-1%,100%", errc::malformed}, row{"1%,,100%", errc::malformed}, row{"1%,100%,", errc::malformed},
          row{"1%,2%,3%,4%,5%,6%,7%,8%,9%,10%,100%", errc::out_of_range}}) {
        SCOPED_TRACE(text);
        auto const read = parse_waves(text);
        ASSERT_FALSE(read.has_value());
        EXPECT_EQ(read.error(), expected);
    }
}

TEST(limits, are_kept_in_order)
{
    limits const some{1, 2, 3, 4, 5, 6, 7};
    EXPECT_EQ(limits_from(numbers_of(some)).value(), some);
    EXPECT_FALSE(limits_from({}));
    EXPECT_FALSE(limits_from({1, 2, 3, 4, 5, 6, -7}));
    EXPECT_FALSE(limits_from({1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(definition, is_sound_as_usual)
{
    EXPECT_EQ(complaint_about(lazily()), "");
    EXPECT_EQ(complaint_about(by_force()), "");
    EXPECT_EQ(approvals_for(lazily()), 1u);
    EXPECT_EQ(approvals_for(by_force()), 2u);
}

TEST(definition, takes_two_persons_when_it_could_reach_the_fleet_before_it_halts)
{
    using namespace std::chrono_literals;
    auto const approvals = [](auto&& change) {
        auto what = lazily();
        change(what);
        return approvals_for(what);
    };
    EXPECT_EQ(approvals([](definition& it) { it.deadline = 24h; }), 1u);
    EXPECT_EQ(approvals([](definition& it) { it.deadline = 24h - 1s; }), 2u);
    EXPECT_EQ(approvals([](definition& it) { it.back_within = 1h + 1s; }), 2u);
    EXPECT_EQ(approvals([](definition& it) { it.soak = 24h - 1s; }), 2u) << "it could go on before it is looked at";
    EXPECT_EQ(approvals([](definition& it) { it.reach = {0, 500, 2'500, whole}; }), 1u);
    EXPECT_EQ(approvals([](definition& it) { it.reach = {0, 500, whole}; }), 2u);
    EXPECT_EQ(approvals([](definition& it) { it.reach = {0, 1, whole}; }), 2u) << "one probe vouches for nobody";
    EXPECT_EQ(approvals([](definition& it) { it.reach = {1, 500, 2'500, whole}; }), 1u);
    EXPECT_EQ(approvals([](definition& it) { it.reach = {0, 500, 2'501, whole}; }), 2u);
    EXPECT_EQ(approvals([](definition& it) { it.reach = {501, whole}; }), 2u);
    EXPECT_EQ(approvals([](definition& it) { it.reach = {0, whole}; }), 2u);
    EXPECT_EQ(approvals([](definition& it) { it.halt_at = {50, 100, 0, 0, 9'900, 300, 500}; }), 1u) << "stricter";
    limits const looser[] = {{.failed = 101},    {.silent = 201},    {.few_failed = 2},    {.few_silent = 3},
                             {.success = 9'699}, {.rate_lost = 501}, {.round_trip = 1'001}};
    for (auto const& each : looser) EXPECT_EQ(approvals([&](definition& it) { it.halt_at = each; }), 2u);
}

TEST(definition, is_refused_with_a_reason)
{
    auto const refused = [](auto&& spoil) {
        auto what = lazily();
        spoil(what);
        return complaint_about(what);
    };
    using namespace std::chrono_literals;
    EXPECT_NE(refused([](definition& it) { it.targets.clear(); }), "");
    EXPECT_NE(refused([](definition& it) { it.targets.assign(17, release_7()); }), "");
    EXPECT_NE(refused([](definition& it) { it.targets.push_back(release_7()); }), "");
    EXPECT_NE(refused([](definition& it) { it.targets[0].path.clear(); }), "");
    EXPECT_NE(refused([](definition& it) { it.reach = {0, 100}; }), "");
    EXPECT_NE(refused([](definition& it) { it.reach.clear(); }), "");
    EXPECT_NE(refused([](definition& it) { it.lab_tag.clear(); }), "");
    EXPECT_NE(refused([](definition& it) { it.soak = 0s; }), "");
    EXPECT_NE(refused([](definition& it) { it.deadline = 24h * 91; }), "");
    EXPECT_NE(refused([](definition& it) { it.halt_at.failed = 0; }), "");
    EXPECT_NE(refused([](definition& it) { it.halt_at.success = 10'001; }), "");
}

}  // namespace
}  // namespace tp::registry::rollout
