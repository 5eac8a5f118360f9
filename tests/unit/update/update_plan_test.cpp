// When an update begins: rules as tables, by a clock that only the test moves.
#include "probe/update/update_plan.hpp"

#include <gtest/gtest.h>

#include "probe/update/refresh_times.hpp"
#include "probe/update/update_clock.hpp"

namespace tp::update {
namespace {

using namespace std::chrono_literals;
using kind = begin_plan::kind;

/// 2026-06-15 00:00:00 UTC, a Monday.
constexpr wall_time midnight{std::chrono::sys_days{std::chrono::year{2026} / 6 / 15}};

class update_plan_test : public testing::Test {
protected:
    update_plan_test() { host_.utc_offset = 0min; }

    static proto::instruction some(proto::instruction::mode how)
    {
        proto::instruction out{.probe = probe_id::from(7).value(),
                               .nonce = std::string(16, '\0'),
                               .issued = midnight,
                               .expires = midnight + 240h,
                               .rollout = 1,
                               .install = proto::instruction::wanted{}};
        out.install->how = how;
        out.install->not_before = midnight + 1h;
        out.install->deadline = midnight + 96h;
        return out;
    }
    /// Its share of the jitter is a half.
    void take_half(proto::instruction& of) { of.nonce = '\x80' + std::string(15, '\0'); }

    begin_plan plan(wall_time now, wall_time put_off = {}) const { return plan_begin(lazy_, host_, put_off, now); }
    void window(std::string_view range) { ASSERT_TRUE(host_.window.add(range)); }

    proto::instruction lazy_ = some(proto::instruction::mode::lazy), forced_ = some(proto::instruction::mode::forced);
    host_wishes host_;
};

TEST_F(update_plan_test, a_lazy_one_waits_for_its_time_and_its_share_of_the_jitter)
{
    host_.jitter = 2h;
    EXPECT_EQ(plan(midnight), (begin_plan{kind::at, midnight + 1h}));
    take_half(lazy_);
    EXPECT_EQ(plan(midnight), (begin_plan{kind::at, midnight + 2h}));
    EXPECT_EQ(plan(midnight + 50h), (begin_plan{kind::at, midnight + 2h})) << "which has passed: now";
}

TEST_F(update_plan_test, a_forced_one_begins_at_once_whatever_the_hour_and_however_much_it_is_put_off)
{
    window("02:00-03:00");
    auto const now = midnight + 12h;
    EXPECT_LE(plan_begin(forced_, host_, now + 48h, now).at, now);
    host_.how = host_wishes::mode::forced_only;
    EXPECT_EQ(plan_begin(forced_, host_, {}, now).is, kind::at);
    forced_.issued = now + 1h;  // by the director's clock
    EXPECT_LE(plan_begin(forced_, host_, {}, now).at, now);
}

TEST_F(update_plan_test, a_host_that_wants_none_gets_none)
{
    host_.how = host_wishes::mode::forced_only;
    EXPECT_EQ(plan(midnight + 95h).is, kind::declined);
    EXPECT_EQ(plan(midnight + 97h).is, kind::declined) << "also at the deadline";
    host_.how = host_wishes::mode::off;
    EXPECT_EQ(plan(midnight + 97h).is, kind::declined);
    EXPECT_EQ(plan_begin(forced_, host_, {}, midnight).is, kind::declined);
}

TEST_F(update_plan_test, what_has_expired_does_not_begin)
{
    EXPECT_EQ(plan(midnight + 240h - 1ns).is, kind::at);
    EXPECT_EQ(plan(midnight + 240h).is, kind::too_late);
    EXPECT_EQ(plan_begin(forced_, host_, {}, midnight + 240h).is, kind::too_late);
}

TEST_F(update_plan_test, a_lazy_one_begins_in_the_hosts_window)
{
    window("02:00-04:00");
    host_.jitter = 0s;
    EXPECT_EQ(plan(midnight).at, midnight + 2h);
    EXPECT_EQ(plan(midnight + 3h).at, midnight + 3h) << "it is open";
    EXPECT_EQ(plan(midnight + 4h).at, midnight + 26h) << "the next day";
    EXPECT_EQ(plan(midnight + 30h).at, midnight + 50h) << "the probe was away yesterday";
}

TEST_F(update_plan_test, in_a_window_the_jitter_is_at_most_half_of_it)
{
    window("02:00-04:00");
    host_.jitter = 24h;
    take_half(lazy_);
    EXPECT_EQ(plan(midnight).at, midnight + 2h + 30min);
    host_.jitter = 20min;
    EXPECT_EQ(plan(midnight).at, midnight + 2h + 10min);
    EXPECT_EQ(plan(midnight + 3h).at, midnight + 3h);
}

TEST_F(update_plan_test, a_window_over_midnight_and_a_host_elsewhere)
{
    host_.jitter = 0s;
    window("23:00-01:00");
    lazy_.install->not_before = midnight - 5h;
    EXPECT_EQ(plan(midnight).at, midnight);
    EXPECT_EQ(plan(midnight + 1h).at, midnight + 23h);
    host_.utc_offset = 120min;
    EXPECT_EQ(plan(midnight + 1h).at, midnight + 21h);
}

TEST_F(update_plan_test, from_the_deadline_on_it_begins_in_any_case)
{
    window("02:00-03:00");
    host_.jitter = 0s;
    lazy_.install->deadline = midnight + 10h;
    lazy_.install->not_before = midnight + 5h;
    EXPECT_EQ(plan(midnight).at, midnight + 10h);
    EXPECT_EQ(plan(midnight, midnight + 1'000h).at, midnight + 10h) << "a host can put it off no further";
}

TEST_F(update_plan_test, a_host_can_put_it_off)
{
    host_.jitter = 0s;
    EXPECT_EQ(plan(midnight, midnight + 48h).at, midnight + 48h);
    window("02:00-03:00");
    EXPECT_EQ(plan(midnight, midnight + 48h).at, midnight + 50h);
}

TEST_F(update_plan_test, the_window_is_one_of_the_wall_clock_when_the_update_clock_is_ahead)
{
    host_.jitter = 0s;
    window("02:00-03:00");
    auto const by_update_clock = midnight + 10h;
    EXPECT_EQ(plan_begin(lazy_, host_, {}, by_update_clock, 10h).at, midnight + 12h) << "two o'clock on the wall";
    EXPECT_EQ(plan_begin(lazy_, host_, midnight + 24h, by_update_clock, 10h).at, midnight + 36h)
        << "and so is putting off";
}

TEST_F(update_plan_test, a_window_of_the_whole_day_is_always_open)
{
    window("00:00-24:00");
    EXPECT_EQ(plan(midnight + 7h).at, midnight + 7h);
}

TEST(update_clock, never_goes_back_behind_the_build_and_what_was_accepted)
{
    steady_time const up{1h};
    update_clock clock(midnight, up);
    EXPECT_EQ(clock.now({}, up), midnight) << "no clock at all";
    EXPECT_EQ(clock.now(midnight + 1h, up), midnight + 1h);
    EXPECT_EQ(clock.now(midnight - 1h, up), midnight) << "one that was ahead for a moment spoils nothing";
    clock.accept(midnight + 2h, up);
    clock.accept(midnight + 1h, up);
    EXPECT_EQ(clock.now({}, up), midnight + 2h);
    update_clock again(midnight, up);
    again.accept(midnight + 3h, up);
    EXPECT_EQ(again.now({}, up), midnight + 3h) << "over a restart";
}

TEST(update_clock, goes_on_while_the_wall_clock_lags_behind)
{
    steady_time const up{1h};
    update_clock clock(midnight, up);
    EXPECT_EQ(clock.now({}, up + 30min), midnight + 30min) << "no clock at all";
    clock.accept(midnight + 2h, up + 1h);
    EXPECT_EQ(clock.now(midnight, up + 1h), midnight + 2h);
    EXPECT_EQ(clock.now(midnight, up + 3h), midnight + 4h);
    EXPECT_EQ(clock.now(midnight + 5h, up + 3h), midnight + 5h) << "until it was set right";
    clock.accept(midnight + 4h - 1ms, up + 3h);
    EXPECT_EQ(clock.accepted(), midnight + 4h) << "and is remembered so";
    EXPECT_EQ(clock.now(midnight, up + 4h), midnight + 5h) << "nothing is counted twice";
}

TEST(update_clock, knows_by_how_much_it_is_ahead_of_a_clock_that_was_set)
{
    steady_time const up{1h};
    update_clock clock(midnight, up);
    clock.accept(midnight + 10h, up);
    EXPECT_EQ(clock.ahead_of(midnight, up), 10h);
    EXPECT_EQ(clock.ahead_of(midnight + 4h, up + 1h), 7h);
    EXPECT_EQ(clock.ahead_of(midnight + 20h, up), 0h);
    EXPECT_EQ(clock.ahead_of(midnight + 10h - update_clock::longest_freshness, up), update_clock::longest_freshness);
    EXPECT_EQ(clock.ahead_of(midnight + 10h - update_clock::longest_freshness - 1min, up), 0h) << "the epoch, say";
    EXPECT_EQ(clock.ahead_of(midnight + 10h - 59s, up), 0h) << "clocks drift";
}

TEST(build_time, is_no_moment_that_is_still_to_come)
{
    EXPECT_LE(build_time(), wall_now() + 24h);
}

TEST(refresh_times, ask_after_a_welcome_at_news_and_every_few_hours)
{
    refresh_times::options const with;
    refresh_times times(with, 1);
    steady_time const now{100h};
    EXPECT_FALSE(times.due());
    times.session_began(now);
    EXPECT_GE(*times.due(), now);
    EXPECT_LE(*times.due(), now + with.after_welcome);
    times.well(now);
    EXPECT_GE(*times.due(), now + with.every);
    EXPECT_LE(*times.due(), now + with.every + with.every / 4);
    times.news(now + 1h);
    EXPECT_EQ(*times.due(), now + 1h);
    times.session_began(now + 1h);
    EXPECT_EQ(*times.due(), now + 1h) << "no later for that";
}

TEST(refresh_times, ask_for_unknown_keys_soon_but_not_again_and_again)
{
    refresh_times::options const with;
    refresh_times times(with, 1);
    steady_time const now{100h};
    times.unknown_key(now);
    EXPECT_EQ(*times.due(), now);
    times.attempted(now);
    times.failed(now);
    times.well(now);
    times.unknown_key(now + 1s);
    EXPECT_EQ(*times.due(), now + with.unknown_key_every) << "also if the last attempt did not do well";
    times.unknown_key(now + 2s);
    EXPECT_EQ(*times.due(), now + with.unknown_key_every);
    times.well(now);
    times.unknown_key(now + 2h);
    EXPECT_EQ(*times.due(), now + 2h);
}

TEST(refresh_times, rest_longer_after_each_failure_until_a_session_begins)
{
    refresh_times::options const with;
    refresh_times times(with, 1);
    steady_time const now{100h};
    auto longest = 0ns;
    for (int i = 0; i < 20; ++i) {
        times.failed(now);
        auto const pause = *times.due() - now;
        EXPECT_GE(pause, with.first_pause / 2);
        EXPECT_LE(pause, with.longest_pause);
        longest = std::max<std::chrono::nanoseconds>(longest, pause);
    }
    EXPECT_GE(longest, with.longest_pause / 2);
    times.session_began(now);
    EXPECT_LE(*times.due(), now + with.after_welcome);
}

}  // namespace
}  // namespace tp::update
