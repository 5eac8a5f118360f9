#include "probe/schedule/schedule.hpp"

#include <gtest/gtest.h>

#include "probe/schedule/timetable.hpp"
#include "tests/unit/probe/support.hpp"

namespace tp::probe {
namespace {

using std::chrono::nanoseconds;
auto const t0 = start_of_test;

probe_id prb(std::int64_t number)
{
    return probe_id::from(number).value();
}

schedule for_probe(std::int64_t number = 7, done_list done = {})
{
    schedule out(std::move(done));
    out.set_probe(prb(number), t0);
    out.look(t0);
    return out;
}

proto::timetable every(std::chrono::seconds interval, std::chrono::seconds spread = 0s)
{
    return {t0.wall, {}, interval, spread};
}

TEST(timetable, phases_fill_the_spread_evenly_and_never_leave_it)
{
    auto const when = every(300s, 100s);
    int below = 0;
    nanoseconds least{0}, most{0};
    for (int probe = 1; probe <= 2000; ++probe) {
        auto const phase = phase_of(prb(probe), msm(9), when);
        least = std::min(least, phase);
        most = std::max(most, phase);
        if (phase < 0s) ++below;
        EXPECT_EQ(phase, phase_of(prb(probe), msm(9), when));
    }
    EXPECT_GE(least, -50s);
    EXPECT_LT(most, 50s);
    EXPECT_LT(least, -49s);
    EXPECT_GT(most, 49s);
    EXPECT_NEAR(below, 1000, 120);
    EXPECT_NE(phase_of(prb(1), msm(9), when), phase_of(prb(1), msm(10), when));
}

TEST(timetable, a_spread_beyond_the_interval_counts_as_the_interval_and_none_gives_a_small_phase)
{
    for (int probe = 1; probe <= 200; ++probe) {
        EXPECT_LT(phase_of(prb(probe), msm(1), every(10s, 86'400s)), 5s);
        EXPECT_GE(phase_of(prb(probe), msm(1), every(10s, 86'400s)), -5s);
        EXPECT_GE(phase_of(prb(probe), msm(1), every(10s)), 0s);
        EXPECT_LT(phase_of(prb(probe), msm(1), every(10s)), unspread);
    }
}

TEST(timetable, next_run_is_on_the_grid_not_before_start_and_before_stop)
{
    auto when = every(60s, 20s);
    struct row {
        std::chrono::seconds phase, now;
        std::optional<std::chrono::seconds> next;
    };
    when.stop = t0.wall + 600s;
    for (auto const& [phase, now, next] : {
             row{0s, -100s, 0s},
             row{0s, 0s, 0s},
             row{0s, 1s, 60s},
             row{5s, 1s, 5s},
             row{5s, 6s, 65s},
             row{-5s, -100s, 55s},
             row{-5s, 55s, 55s},
             row{-5s, 56s, 115s},
             row{0s, 540s, 540s},
             row{0s, 541s, {}},
             row{-5s, 541s, 595s},
             row{5s, 546s, {}},
             row{0s, 100'000s, {}},
         }) {
        auto const got = next_periodic(when, phase, t0.wall + now);
        SCOPED_TRACE(std::to_string(phase.count()) + " at " + std::to_string(now.count()));
        EXPECT_EQ(got.has_value(), next.has_value());
        if (got && next) {
            EXPECT_EQ(*got - t0.wall, *next);
        }
    }
}

TEST(timetable, absurd_times_have_no_next_run)
{
    for (auto const start : {INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1}) {
        proto::timetable when{wall_time(nanoseconds(start)), {}, 86'400s * 365, 86'400s};
        EXPECT_EQ(next_periodic(when, phase_of(prb(1), msm(1), when), t0.wall), std::nullopt) << start;
    }
}

TEST(schedule, a_one_off_runs_at_its_start_once)
{
    auto jobs = for_probe();
    jobs.replace({ping_job(1, {t0.wall + 10s, {}, {}, 0s})}, t0);
    EXPECT_EQ(jobs.until_next(t0), 10s);
    EXPECT_TRUE(jobs.take_due(t0 + 9s).empty());
    EXPECT_FALSE(jobs.take_done_changed());
    EXPECT_EQ(jobs.take_due(t0 + 10s).size(), 1U);
    EXPECT_TRUE(jobs.take_done_changed());
    EXPECT_FALSE(jobs.take_done_changed());
    EXPECT_TRUE(jobs.take_due(t0 + 11s).empty());

    jobs.clear();
    jobs.replace({ping_job(1, {t0.wall + 10s, {}, {}, 0s})}, t0 + 20s);
    EXPECT_TRUE(jobs.take_due(t0 + 21s).empty()) << "sent again by another controller";

    auto restarted = for_probe(7, done_list::decode(jobs.done().encode()).value());
    restarted.replace({ping_job(1, {t0.wall + 10s, {}, {}, 0s})}, t0 + 30s);
    EXPECT_TRUE(restarted.take_due(t0 + 31s).empty()) << "after a restart";
}

TEST(schedule, a_one_off_that_is_late_runs_at_once_unless_its_stop_has_passed)
{
    auto jobs = for_probe();
    jobs.replace({ping_job(1, {t0.wall - 1h, {}, {}, 0s}), ping_job(2, {t0.wall - 1h, t0.wall, {}, 0s})}, t0);
    auto const due = jobs.take_due(t0);
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].job.measurement, msm(1));
}

TEST(schedule, a_one_off_whose_stop_passes_while_it_waits_does_not_run)
{
    auto jobs = for_probe();
    jobs.replace({ping_job(1, {t0.wall + 10s, t0.wall + 20s, {}, 0s})}, t0);
    EXPECT_TRUE(jobs.take_due(t0 + 25s).empty());
    EXPECT_EQ(jobs.until_next(t0 + 25s), std::nullopt);
}

TEST(schedule, periodic_jobs_run_once_an_interval_until_their_stop)
{
    auto jobs = for_probe();
    auto when = every(60s);
    when.stop = t0.wall + 300s;
    jobs.replace({ping_job(1, when)}, t0);
    int runs = 0;
    for (auto passed = 0ms; passed < 1000s; passed += 100ms)
        runs += static_cast<int>(jobs.take_due(t0 + passed).size());
    EXPECT_EQ(runs, 5);
    EXPECT_EQ(jobs.until_next(t0 + 1000s), std::nullopt);
}

TEST(schedule, missed_runs_are_skipped_not_caught_up)
{
    auto jobs = for_probe();
    jobs.replace({ping_job(1, every(60s))}, t0);
    auto const first = *jobs.until_next(t0);
    EXPECT_EQ(jobs.take_due(t0 + first).size(), 1U);
    EXPECT_TRUE(jobs.take_due(t0 + (first + 190s)).empty()) << "the runs at 60, 120 and 180 s";
    EXPECT_EQ(jobs.take_due(t0 + (first + 240s)).size(), 1U);
}

TEST(schedule, a_set_clock_is_seen_and_everything_is_planned_anew)
{
    auto jobs = for_probe();
    jobs.replace({ping_job(1, every(3600s))}, t0);
    jobs.take_due(t0 + 1s);
    EXPECT_EQ(jobs.look(t0 + 2s), std::nullopt);
    EXPECT_EQ(jobs.look({t0.wall + 5s, t0.steady + 4s}), std::nullopt) << "adjusted by less than 2 s";

    clocks const back{t0.wall - 10h, t0.steady + 5s};
    auto const moved = jobs.look(back);
    ASSERT_TRUE(moved);
    EXPECT_EQ(*moved, -10h - 6s);
    EXPECT_GE(*jobs.until_next(back), 10h) << "not an hour after the old clock's time";
    EXPECT_EQ(jobs.look(back + 1s), std::nullopt);

    clocks const forward{t0.wall + 100h + 1s, t0.steady + 7s};
    EXPECT_TRUE(jobs.look(forward));
    EXPECT_TRUE(jobs.take_due(forward).empty());
    EXPECT_LE(*jobs.until_next(forward), 1h);
}

TEST(schedule, a_replaced_list_keeps_the_plan_of_what_did_not_change)
{
    auto jobs = for_probe();
    jobs.replace({ping_job(1, every(60s)), ping_job(2, every(60s))}, t0);
    auto const at = *jobs.until_next(t0);
    jobs.replace({ping_job(1, every(60s)), ping_job(2, every(60s)), ping_job(3, every(60s))}, t0 + (at - 1ns));
    EXPECT_EQ(jobs.size(), 3U);
    EXPECT_FALSE(jobs.take_due(t0 + at).empty());
    jobs.replace({}, t0 + 1s);
    EXPECT_EQ(jobs.size(), 0U);
    EXPECT_EQ(jobs.until_next(t0), std::nullopt);
}

TEST(schedule, changes_add_replace_and_remove)
{
    auto jobs = for_probe();
    jobs.replace({ping_job(1, every(60s)), ping_job(2, every(60s))}, t0);
    EXPECT_EQ(jobs.change({ping_job(2, every(10s)), ping_job(3, every(60s))}, {msm(1), msm(77)}, t0), 0U);
    auto const now = jobs.jobs();
    ASSERT_EQ(now.size(), 2U);
    EXPECT_EQ(now[0].when.interval, 10s);
    EXPECT_EQ(now[1].measurement, msm(3));
}

TEST(schedule, nothing_runs_before_the_probe_knows_its_number_and_no_list_is_endless)
{
    schedule jobs;
    jobs.replace({ping_job(1, {t0.wall, {}, {}, 0s})}, t0);
    EXPECT_TRUE(jobs.take_due(t0 + 1s).empty());
    jobs.set_probe(prb(1), t0 + 1s);
    EXPECT_EQ(jobs.take_due(t0 + 1s).size(), 1U);

    std::vector<proto::job> many;
    for (std::size_t i = 0; i < schedule::most_jobs + 5; ++i)
        many.push_back(ping_job(static_cast<int>(i) + 1, every(60s)));
    EXPECT_EQ(jobs.change(std::move(many), {}, t0), 5U);
    EXPECT_EQ(jobs.size(), schedule::most_jobs);
}

TEST(done_list, forgets_the_oldest_only)
{
    done_list done;
    for (std::size_t i = 1; i <= done_list::most + 10; ++i) done.add(msm(static_cast<int>(i)));
    done.add(msm(11));
    EXPECT_FALSE(done.has(msm(10)));
    EXPECT_TRUE(done.has(msm(11)));
    auto again = done_list::decode(done.encode()).value();
    again.add(msm(1'000'000));
    EXPECT_FALSE(again.has(msm(11)));
    EXPECT_TRUE(again.has(msm(12)));
    for (auto const* broken : {"1", "x\n", "1\n\n", "0\n", "-1\n"}) EXPECT_FALSE(done_list::decode(broken)) << broken;
}

}  // namespace
}  // namespace tp::probe
