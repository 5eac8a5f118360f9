#include "store/pool.hpp"
#include "tests/unit/store/fixture.hpp"

namespace tp::store {
namespace {

using namespace std::chrono_literals;

class results_test : public store_test {
protected:
    result_row row(std::int64_t sequence, wall_time at, std::int32_t probe = 1)
    {
        return {measurement_, *probe_id::from(probe), at, sequence, 1, 0, {}, std::string("\0\1payload", 9)};
    }

    commit_outcome commit(std::int64_t number, std::vector<result_row> rows, std::vector<refused_result> refused = {})
    {
        return wait(commit_results(database_, controller_, number, std::move(rows), std::move(refused))).value();
    }

    std::vector<result_row> read(result_query query)
    {
        std::vector<result_row> out;
        auto const done = wait(read_results(database_, query, [&out](std::vector<result_row> page) {
            out.insert(out.end(), page.begin(), page.end());
            return ready();
        }));
        EXPECT_TRUE(done);
        return out;
    }

    void run(std::string sql) { ASSERT_TRUE(wait(database_.connections().run(std::move(sql)))); }

    static void rethrow(std::exception_ptr thrown)
    {
        if (thrown) std::rethrow_exception(thrown);
    }
    static asio::awaitable<result<void>> ready() { co_return result<void>{}; }

    controller_id controller_ = *controller_id::from(1);
    measurement_id measurement_ = *measurement_id::from(1'000'001);
    wall_time now_ = std::chrono::floor<std::chrono::microseconds>(wall_now());
};

TEST_F(results_test, what_was_committed_is_read_as_it_was)
{
    auto const outcome = commit(1, {row(5, now_, 2), row(4, now_ - 1s)});
    EXPECT_EQ(outcome.stored, 2U);
    auto const rows = read({.measurement = measurement_});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].timestamp, now_ - 1s) << "in the order of time";
    EXPECT_EQ(rows[1].sequence, 5);
    EXPECT_EQ(rows[1].probe.value(), 2);
    EXPECT_EQ(rows[1].payload, std::string("\0\1payload", 9));
    EXPECT_EQ(rows[1].kind, 1);
    EXPECT_LT(std::chrono::abs(rows[1].stored_at - wall_now()), 1min);
}

TEST_F(results_test, a_commit_that_is_repeated_changes_nothing)
{
    commit(1, {row(1, now_)});
    commit(1, {row(1, now_)});
    EXPECT_EQ(read({.measurement = measurement_}).size(), 1U);
}

TEST_F(results_test, two_processes_with_one_name_do_not_take_each_others_commits_for_their_own)
{
    std::vector<std::int64_t> starts;
    for (int commits = 0; commits < 3; ++commits) {
        starts.push_back(start_controller("c1").number);
        for (auto const each : starts)
            commit(first_commit_of(each) + commits, {row(10 * commits + each - starts.front(), now_)});
    }
    EXPECT_EQ(read({.measurement = measurement_}).size(), 1U + 2U + 3U);
}

TEST_F(results_test, a_result_that_comes_twice_is_stored_once_and_its_neighbours_too)
{
    commit(1, {row(1, now_)});
    auto const outcome = commit(2, {row(1, now_), row(2, now_)});
    EXPECT_EQ(outcome.stored, 1U);
    EXPECT_EQ(outcome.duplicates, 1U);
    EXPECT_EQ(commit(3, {row(3, now_), row(3, now_)}).stored, 1U) << "twice in one batch";
    EXPECT_EQ(read({.measurement = measurement_}).size(), 3U);
}

TEST_F(results_test, late_and_implausible_times_are_kept_apart_and_read_together)
{
    auto const old = now_ - 100h;
    auto const strange = wall_time(std::chrono::nanoseconds(std::numeric_limits<std::int64_t>::min() + 1'000'000));
    EXPECT_EQ(commit(1, {row(1, old), row(2, now_), row(3, strange), row(4, now_ + 1000h)}).stored, 4U);
    EXPECT_EQ(commit(2, {row(1, old)}).duplicates, 1U);
    auto const rows = read({.measurement = measurement_});
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].sequence, 3);
    EXPECT_EQ(rows[0].flags & flag_late, flag_late);
    EXPECT_EQ(rows[2].flags, 0);
}

TEST_F(results_test, what_came_from_an_isolated_probe_is_read_only_if_asked_for)
{
    auto apart = row(2, now_);
    apart.flags = flag_isolated;
    auto late = row(4, now_ - 100h);
    late.flags = flag_isolated;
    commit(1, {row(1, now_ - 1s), apart, row(3, now_, 2), late});
    for (std::uint32_t const versions : {0U, 5U}) {
        auto const rows = read({.measurement = measurement_, .versions = versions});
        ASSERT_EQ(rows.size(), 2U);
        EXPECT_EQ(rows[0].sequence, 1);
        EXPECT_EQ(rows[1].sequence, 3);
        auto const all = read({.measurement = measurement_, .versions = versions, .flagged = true});
        ASSERT_EQ(all.size(), 4U);
        EXPECT_EQ(all[0].flags, flag_isolated | flag_late);
    }
    // The newest that counts is served, not hidden behind one that does not.
    auto const newest = read({.measurement = measurement_, .probes = {1}, .versions = 1});
    ASSERT_EQ(newest.size(), 1U);
    EXPECT_EQ(newest[0].sequence, 1);
}

TEST_F(results_test, of_anchors_or_of_public_probes_alone_are_read_if_asked_for)
{
    auto const anchor = probe(1), hidden = probe(2);
    auto const run = [&](char const* sql, probe_id which) {
        return wait(database_.connections().run(sql, parameters::of(which.value())));
    };
    ASSERT_TRUE(run("update probe set system_tags = '{system-ipv4-works,system-anchor}' where id = $1::int", anchor));
    ASSERT_TRUE(run("update probe set is_public = false where id = $1::int", hidden));
    commit(1, {row(1, now_ - 1s, anchor.value()), row(2, now_, hidden.value()), row(3, now_ - 100h, anchor.value())});
    for (std::uint32_t const versions : {0U, 5U}) {
        auto const anchors = read({.measurement = measurement_, .versions = versions, .anchors_only = true});
        ASSERT_EQ(anchors.size(), 2U);
        EXPECT_EQ(anchors[0].sequence, 3);
        EXPECT_EQ(anchors[1].sequence, 1);
        EXPECT_EQ(read({.measurement = measurement_, .versions = versions, .public_only = true}).size(), 2U);
        EXPECT_EQ(read({.measurement = measurement_, .versions = versions}).size(), 3U);
    }
}

TEST_F(results_test, reading_is_paged_and_complete)
{
    constexpr std::int64_t count = 3 * static_cast<std::int64_t>(result_page) + 17;
    std::vector<result_row> rows;
    for (std::int64_t i = 0; i < count; ++i) rows.push_back(row(i, now_ - std::chrono::milliseconds(i / 2)));
    commit(1, rows);
    std::size_t pages = 0, total = 0;
    auto const done = wait(read_results(database_, {.measurement = measurement_}, [&](std::vector<result_row> page) {
        EXPECT_LE(page.size(), result_page);
        ++pages;
        total += page.size();
        return ready();
    }));
    EXPECT_TRUE(done);
    EXPECT_EQ(total, static_cast<std::size_t>(count));
    EXPECT_EQ(pages, 4U);
}

TEST_F(results_test, a_reader_that_has_enough_ends_the_reading)
{
    commit(1, {row(1, now_)});
    auto const done =
        wait(read_results(database_, {.measurement = measurement_},
                          [](std::vector<result_row>) -> asio::awaitable<result<void>> { co_return errc::closed; }));
    EXPECT_EQ(done.error(), errc::closed);
}

TEST_F(results_test, ranges_probes_and_newest_select)
{
    auto const base = from_unix_seconds(to_unix_seconds(now_) - 100);
    commit(1, {row(1, base), row(2, base + 10s), row(3, base + 20s + 400ms), row(4, base, 2)});
    EXPECT_EQ(read({.measurement = measurement_, .start = base + 10s, .stop = base + 20s}).size(), 2U)
        << "both ends included, as whole seconds";
    EXPECT_EQ(read({.measurement = measurement_, .probes = {2}}).size(), 1U);
    auto const newest = read({.measurement = measurement_, .versions = 1});
    ASSERT_EQ(newest.size(), 2U);
    EXPECT_EQ(newest[1].sequence, 3);
    EXPECT_EQ(read({.measurement = measurement_, .versions = 2}).size(), 3U);
    auto const counted = wait(count_results(database_, measurement_)).value();
    EXPECT_EQ(counted.results, 4U);
    EXPECT_EQ(counted.probes, 2U);
}

TEST_F(results_test, what_was_refused_is_recorded_and_not_served)
{
    EXPECT_EQ(commit(1, {}, {{*probe_id::from(1), 7, now_, "never given"}}).stored, 0U);
    EXPECT_TRUE(read({.measurement = *measurement_id::from(7)}).empty());
}

// The rows are in, the connection dies before the answer to COMMIT has come, and the same commit is sent again.
TEST_F(results_test, a_commit_whose_connection_was_killed_is_repeated_safely)
{
    commit(1, {row(1, now_)});
    for (std::int64_t number = 2; number <= 12; ++number) {
        std::vector<result_row> many;
        for (std::int64_t i = 0; i < 500; ++i) many.push_back(row(number * 1'000 + i, now_ - 1ms * i));
        std::optional<result<commit_outcome>> first;
        asio::co_spawn(io_, put(commit_results(database_, controller_, number, many, {}), first), rethrow);
        io_.restart();
        for (std::int64_t i = 0; i < number; ++i) io_.run_one_for(20ms);  // another moment each time
        database killer(io_, {.conninfo = conninfo_});
        ASSERT_TRUE(wait(killer.connections().run(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid()")));
        while (!first) {
            io_.restart();
            io_.run_one_for(100ms);
        }
        EXPECT_TRUE(*first || first->error() == errc::unavailable);
        while (!wait(commit_results(database_, controller_, number, many, {}))) {
        }
    }
    EXPECT_EQ(wait(count_results(database_, measurement_))->results, 1U + 11 * 500);
}

TEST_F(results_test, two_controllers_with_the_same_result_store_it_once)
{
    std::optional<result<commit_outcome>> one, two;
    auto const other = *controller_id::from(2);
    asio::co_spawn(io_, put(commit_results(database_, controller_, 1, {row(1, now_)}, {}), one), rethrow);
    asio::co_spawn(io_, put(commit_results(database_, other, 1, {row(1, now_)}, {}), two), rethrow);
    io_.restart();
    io_.run();
    ASSERT_TRUE(one && two);
    ASSERT_TRUE(*one) << one->error().message();
    ASSERT_TRUE(*two) << two->error().message();
    EXPECT_EQ((*one)->stored + (*two)->stored, 1U);
    EXPECT_EQ((*one)->duplicates + (*two)->duplicates, 1U);
}

TEST_F(results_test, a_future_result_that_comes_again_when_its_hour_has_come_is_stored_once)
{
    auto const future = now_ + 2h;
    ASSERT_TRUE(wait(maintain_results(database_)));
    ASSERT_TRUE(wait(database_.connections().run(
        "insert into result_late values ($1::int, 1, moment($2::bigint), 1, 1, 1, now(), 'x')",
        parameters::of(measurement_.value(), future))));
    EXPECT_EQ(commit(1, {row(1, future)}).duplicates, 1U);
    EXPECT_EQ(read({.measurement = measurement_}).size(), 1U);
}

// A clock that was ahead once has made partitions that lie beyond the others.
TEST_F(results_test, only_the_hours_around_now_that_have_their_partitions_are_hot)
{
    ASSERT_TRUE(wait(maintain_results(database_)));
    run("select make_result_partition(date_trunc('hour', now(), 'UTC') + interval '10 hours')");
    ASSERT_TRUE(wait(database_.connections().run(
        "insert into result_hot values ($1::int, 1, moment($2::bigint), 4, 1, 1, now(), 'x')",
        parameters::of(measurement_.value(), now_ + 10h))));
    auto const outcome = commit(1, {row(1, now_), row(2, now_ + 6h), row(3, now_ + 10h), row(4, now_ + 10h)});
    EXPECT_EQ(outcome.stored, 3U);
    EXPECT_EQ(outcome.duplicates, 1U);
    auto const rows = read({.measurement = measurement_});
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].flags, 0);
    EXPECT_EQ(rows[1].flags, flag_late);
    EXPECT_EQ(rows[1].sequence, 2);
}

TEST_F(results_test, a_partition_that_somebody_drops_is_made_again_for_what_comes)
{
    commit(1, {row(1, now_)});
    run("do $$ begin execute format('drop table result_hot_%s', "
        "to_char((now() + interval '1 hour') at time zone 'UTC', 'YYYYMMDD_HH24')); end $$");
    EXPECT_EQ(commit(2, {row(2, now_), row(3, now_ + 1h)}).stored, 2U);
}

TEST_F(results_test, a_row_that_cannot_be_stored_is_told_from_a_database_that_takes_none)
{
    auto const error_of = [&](std::int64_t number, std::int64_t sequence) {
        return wait(commit_results(database_, controller_, number, {row(1, now_), row(sequence, now_)}, {})).error();
    };
    ASSERT_TRUE(wait(maintain_results(database_)));  // partitions that are made now have the check, too
    run("alter table result_hot add check (seq <> 13)");
    EXPECT_EQ(error_of(1, 13), errc::rejected);
    EXPECT_TRUE(read({.measurement = measurement_}).empty());
    EXPECT_EQ(commit(1, {row(2, now_)}).stored, 1U) << "its number is free";
    run("alter table result_hot add column later int");  // as a later version would
    EXPECT_EQ(error_of(2, 3), errc::unavailable);
    run("alter table result_hot rename to elsewhere");
    EXPECT_EQ(error_of(2, 3), errc::unavailable);
}

TEST_F(results_test, partitions_are_made_while_somebody_reads_and_writes)
{
    commit(1, {row(1, now_)});
    auto reader = wait(database_.connections().acquire()), writer = wait(database_.connections().acquire());
    ASSERT_TRUE(wait((*reader)->script("begin")));
    ASSERT_TRUE(wait((*reader)->run("select count(*) from result_hot")));
    ASSERT_TRUE(wait((*writer)->script("begin")));
    ASSERT_TRUE(
        wait((*writer)->run("insert into result_hot select measurement_id, probe_id, ts, seq + 1, kind, flags, "
                            "stored_at, payload from result_hot")));
    database hasty(io_, {.conninfo = conninfo_, .statement_limit = 5s});
    EXPECT_TRUE(wait(hasty.connections().run(
        "select make_result_partition(date_trunc('hour', now(), 'UTC') + interval '10 hours')")));
}

TEST_F(results_test, of_what_was_refused_the_newest_ten_thousand_are_kept)
{
    std::vector<refused_result> const many(6'000, {*probe_id::from(1), 7, now_, "never given"});
    commit(1, {}, many);
    commit(2, {}, many);
    ASSERT_TRUE(wait(maintain_results(database_)));
    auto const kept = wait(database_.connections().run("select count(*) from result_refused"));
    EXPECT_EQ(kept->integer(0, 0), 10'000);
}

}  // namespace
}  // namespace tp::store
