#include <algorithm>
#include <array>
#include <string_view>

#include "store/copy_format.hpp"
#include "store/pool.hpp"
#include "store/result_store.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::seconds window_age{60};
constexpr char hot_copy[] = "copy result_hot from stdin (format binary)";
constexpr std::int16_t columns = 8;

std::int64_t micros_of(wall_time at)
{
    return std::chrono::floor<std::chrono::microseconds>(at.time_since_epoch()).count();
}

bool inside(hot_window const& window, result_row const& row)
{
    auto const at = micros_of(row.timestamp);
    return at >= window.first && at < window.last;
}

void add_row(copy_rows& out, result_row const& row, bool late, wall_time now)
{
    out.begin_row(columns);
    out.add(row.measurement.value());
    out.add(row.probe.value());
    out.add_time(micros_of(row.timestamp));
    out.add(row.sequence);
    out.add(row.kind);
    out.add(static_cast<std::int16_t>(row.flags | (late ? flag_late : 0)));
    out.add_time(micros_of(now));
    out.add_octets(row.payload);
}

/// Partitions are made, and the window read again, once a minute: rows for a missing partition would fail the COPY.
asio::awaitable<result<void>> refresh_window(connection& link, hot_window& window)
{
    if (window.checked != steady_time{} && std::chrono::steady_clock::now() - window.checked < window_age) {
        co_return result<void>{};
    }
    auto const maintained = co_await link.run("select maintain_results()");
    if (!maintained) co_return maintained.error();
    auto const found = co_await link.run(
        "select first, last, exists (select from result_late where ts >= moment(first) and ts < moment(last)) "
        "from hot_range()");
    if (!found) co_return found.error();
    window = {found->integer(0, 0), found->integer(0, 1), found->flag(0, 2), std::chrono::steady_clock::now()};
    co_return result<void>{};
}

/// Everything fits and nothing is there twice: straight into the hot table.
asio::awaitable<result<std::uint64_t>> copy_hot(connection& link, std::vector<result_row> const& rows)
{
    copy_rows data;
    for (auto const& row : rows) add_row(data, row, false, wall_now());
    co_return co_await link.copy_in(hot_copy, data.finish());
}

/// By way of a staging table: rows that exist already, in either table, are passed over.
asio::awaitable<result<std::uint64_t>> copy_staged(connection& link, hot_window const& window,
                                                   std::vector<result_row> const& rows)
{
    auto const made = co_await link.script("create temporary table staged (like result_late) on commit drop");
    if (!made) co_return made.error();
    copy_rows data;
    for (auto const& row : rows) add_row(data, row, !inside(window, row), wall_now());
    auto const staged = co_await link.copy_in("copy staged from stdin (format binary)", data.finish());
    if (!staged) co_return staged.error();

    std::uint64_t stored = 0;
    struct way {
        char const* into;
        char const* other;
        bool inside;
    };
    for (auto const& [into, other, in] :
         {way{"result_hot", "result_late", true}, way{"result_late", "result_hot", false}}) {
        auto const moved = co_await link.run(
            std::string("insert into ") + into +
                " select * from staged s where (ts >= moment($1::bigint) and "
                "ts < moment($2::bigint)) = $3::bool and not exists (select from " +
                other +
                " o where "
                "o.measurement_id = s.measurement_id and o.ts = s.ts and o.probe_id = s.probe_id and o.seq = s.seq) "
                "on conflict do nothing",
            parameters::of(window.first, window.last, in));
        if (!moved) co_return moved.error();
        stored += moved->affected();
    }
    co_return stored;
}

asio::awaitable<result<void>> record_refused(connection& link, std::vector<refused_result> const& refused)
{
    if (refused.empty()) co_return result<void>{};
    std::vector<std::int32_t> probes, measurements;
    std::vector<std::string> times, reasons;
    for (auto const& each : refused) {
        probes.push_back(each.probe.value());
        measurements.push_back(each.measurement);
        times.push_back(std::to_string(micros_of(each.timestamp)));
        reasons.push_back(each.reason);
    }
    auto const done = co_await link.run(
        "insert into result_refused (probe_id, measurement_id, ts, reason) "
        "select p, m, moment(t::bigint), r from unnest($1::int[], $2::int[], $3::text[], $4::text[]) as x(p, m, t, r)",
        parameters::of(probes, measurements, times, reasons));
    if (!done) co_return done.error();
    co_return result<void>{};
}

struct batch {
    controller_id controller;
    std::int64_t commit;
    std::vector<result_row> const& rows;
    std::vector<refused_result> const& refused;
};

asio::awaitable<result<commit_outcome>> try_commit(connection& link, hot_window const& window, batch const& work,
                                                   bool staged)
{
    auto const begun = co_await link.script("begin");
    if (!begun) co_return begun.error();
    auto const count = static_cast<std::int32_t>(work.rows.size());
    auto const first_time = co_await link.run(
        "insert into ingest_batch (controller_id, batch_no, n) values ($1::int, $2::bigint, $3::int) on conflict do "
        "nothing",
        parameters::of(work.controller.value(), work.commit, count));
    if (!first_time) co_return first_time.error();
    std::uint64_t stored = work.rows.size();
    if (first_time->affected() > 0) {
        if (!work.rows.empty()) {
            auto copied = staged ? copy_staged(link, window, work.rows) : copy_hot(link, work.rows);
            auto const outcome = co_await std::move(copied);
            if (!outcome) co_return outcome.error();
            stored = *outcome;
        }
        auto const recorded = co_await record_refused(link, work.refused);
        if (!recorded) co_return recorded.error();
    }
    auto const committed = co_await link.script("commit");
    if (!committed) co_return committed.error();
    co_return commit_outcome{static_cast<std::uint32_t>(stored), static_cast<std::uint32_t>(work.rows.size() - stored)};
}

/// Whether it is a row that the server complains about: one without a partition (check_violation), a date or number
/// beyond its type, octets that are no text. Not the rest of these classes, which would be said of every row: COPY in
/// another form than the table's (22P04), for one. Source: PostgreSQL 15 manual, appendix A.
bool blames_a_row(connection const& link)
{
    constexpr std::array<std::string_view, 4> states{"23514", "22008", "22003", "22021"};
    return std::ranges::find(states, link.last_state()) != states.end();
}

/// What a refusal is for those who try again when the database is as it should be.
error_code not_now(error_code why)
{
    return why == errc::rejected ? make_error_code(errc::unavailable) : why;
}

/// Once more, by the way that takes most.
asio::awaitable<result<commit_outcome>> commit_again(connection& link, hot_window& window, batch const& work)
{
    auto const undone = co_await link.script("rollback");
    if (!undone) co_return undone.error();
    auto const refreshed = co_await refresh_window(link, window);
    if (!refreshed) co_return not_now(refreshed.error());
    auto const now_window = window;
    auto const done = co_await try_commit(link, now_window, work, true);
    if (!done && !blames_a_row(link)) co_return not_now(done.error());
    co_return done;
}

}  // namespace

asio::awaitable<result<commit_outcome>> commit_results(database& database, controller_id controller,
                                                       std::int64_t commit, std::vector<result_row> rows,
                                                       std::vector<refused_result> refused)
{
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto& link = **held;
    auto& window = database.connections().results_window();
    auto const refreshed = co_await refresh_window(link, window);
    if (!refreshed) co_return not_now(refreshed.error());

    batch const work{controller, commit, rows, refused};
    auto const now_window = window;
    bool const plain =
        !now_window.late_inside && std::ranges::all_of(rows, [&](auto const& row) { return inside(now_window, row); });
    auto const quick = co_await try_commit(link, now_window, work, !plain);
    if (quick) co_return quick;
    bool const blamed = quick.error() == errc::rejected && blames_a_row(link);
    bool const met_its_like = plain && quick.error() == errc::conflict;
    if (!blamed && !met_its_like) co_return not_now(quick.error());
    if (blamed) window.checked = {};  // a partition may be gone since
    co_return co_await commit_again(link, window, work);
}

asio::awaitable<result<void>> maintain_results(database& database)
{
    auto const done = co_await database.connections().run("select maintain_results()");
    if (!done) co_return done.error();
    co_return result<void>{};
}

}  // namespace tp::store
