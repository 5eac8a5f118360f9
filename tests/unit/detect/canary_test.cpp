#include "registry/detect/canary.hpp"

#include <gmock/gmock.h>

#include "tests/unit/detect/samples.hpp"

namespace tp::registry::detect {
namespace {

using namespace test;
using testing::HasSubstr;

measurement_id const unannounced = measurement(21), closed = measurement(22), nonce = measurement(24),
                     nonce_elsewhere = measurement(25);

void ask(probe_hour& seen, std::uint16_t wrong, canary kind = canary::unannounced_prefix)
{
    seen.canaries = {{unannounced, canary::unannounced_prefix, 2, 0, 0},
                     {closed, canary::closed_port, 1, 0, 0},
                     {nonce, canary::nonce, 2, 0, 0}};
    for (auto& each : seen.canaries) {
        if (each.kind == kind) each.wrong = wrong;
    }
}

template <class Change>
verdict after(int hours, survey const& others, Change change)
{
    auto const window = window_of(hours, [&](int i, hour_facts& facts) {
        auto seen = good_hour(hour(i));
        ask(seen, 0);
        change(i, seen);
        facts.canary = canary_of(probe_in(amsterdam), seen, anchors(), others, {});
    });
    return examine_canary(window, {});
}

TEST(detect_canary, failing_where_all_must_fail_is_clean)
{
    EXPECT_EQ(after(24, quiet_survey(), [](int, probe_hour&) {}).is, outcome::clean);
    EXPECT_EQ(after(11, quiet_survey(), [](int, probe_hour&) {}).is, outcome::no_data);
    EXPECT_EQ(after(24, quiet_survey(), [](int, probe_hour& seen) { seen.canaries.clear(); }).is, outcome::no_data);
}

TEST(detect_canary, one_success_warns_and_six_hours_are_grave)
{
    for (auto const kind : {canary::unannounced_prefix, canary::closed_port, canary::nonce}) {
        SCOPED_TRACE(name(kind));
        auto const hours = [&](int count) {
            return after(24, quiet_survey(), [&](int i, probe_hour& seen) { ask(seen, i < count ? 1 : 0, kind); });
        };
        EXPECT_EQ(level(hours(1)), severity::warning);
        EXPECT_EQ(level(hours(5)), severity::warning);
        auto const found = hours(6);
        EXPECT_EQ(level(found), severity::grave);
        EXPECT_THAT(found.what->saw.text, HasSubstr(name(kind)));
    }
}

TEST(detect_canary, many_successes_in_one_hour_are_one_portal)
{
    EXPECT_EQ(level(after(24, quiet_survey(), [](int i, probe_hour& seen) { ask(seen, i == 0 ? 2 : 0); })),
              severity::warning);
}

TEST(detect_canary, a_canary_that_many_reach_is_broken)
{
    auto const reached_by = [](int count) {
        return survey_of(60, [=](int i, profile&, probe_hour& seen) { ask(seen, i < count ? 1 : 0); });
    };
    auto const always = [](int, probe_hour& seen) { ask(seen, 1); };
    EXPECT_EQ(level(after(24, reached_by(2), always)), severity::grave);
    EXPECT_EQ(after(24, reached_by(3), always).is, outcome::clean);
    // The other canaries are still believed.
    EXPECT_EQ(level(after(24, reached_by(3), [](int, probe_hour& seen) { ask(seen, 1, canary::nonce); })),
              severity::grave);
}

TEST(detect_canary, in_a_small_fleet_one_bad_probe_breaks_no_canary)
{
    auto const others = survey_of(5, [](int i, profile&, probe_hour& seen) { ask(seen, i == 0 ? 1 : 0); });
    EXPECT_EQ(level(after(24, others, [](int, probe_hour& seen) { ask(seen, 1); })), severity::grave);
}

TEST(detect_canary, an_anchor_that_nobody_else_reaches_is_a_canary)
{
    auto const dark = survey_of(40, [](int, profile&, probe_hour& seen) {
        seen.targets = {pings(to_tokyo, 0, 0), pings(to_sydney, 0, 0), pings(to_amsterdam, 6)};
    });
    auto const two = [](int i, probe_hour& seen) {
        seen.targets = {i % 2 == 0 ? pings(to_tokyo, 240) : pings(to_sydney, 280)};
    };
    EXPECT_EQ(level(after(6, dark, two)), severity::grave);
    // A single one can be a path that only this probe has.
    EXPECT_EQ(level(after(24, dark, [](int, probe_hour& seen) { seen.targets = {pings(to_tokyo, 240)}; })),
              severity::warning);
    EXPECT_EQ(after(24, dark, [](int, probe_hour& seen) { seen.targets = {pings(to_tokyo, 240, 20)}; }).is,
              outcome::clean);
}

TEST(detect_canary, inside_the_anchors_own_network_it_may_be_reached)
{
    auto const dark = survey_of(40, [](int, profile&, probe_hour& seen) { seen.targets = {pings(to_tokyo, 0, 0)}; });
    EXPECT_EQ(after(24, dark,
                    [](int, probe_hour& seen) {
                        seen.as = as(64603);
                        seen.targets = {pings(to_tokyo, 240)};
                    })
                  .is,
              outcome::clean);
}

TEST(detect_canary, nonces_that_never_come_are_a_warning)
{
    auto const silent = [](int hours) {
        return after(hours, quiet_survey(), [](int, probe_hour& seen) {
            seen.canaries = {{nonce, canary::nonce, 1, 0, 1}, {nonce_elsewhere, canary::nonce, 0, 0, 0}};
        });
    };
    EXPECT_EQ(level(silent(12)), severity::warning);
    EXPECT_EQ(silent(11).is, outcome::no_data);
}

}  // namespace
}  // namespace tp::registry::detect
