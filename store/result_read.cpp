#include <algorithm>

#include "store/pool.hpp"
#include "store/result_store.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr char columns[] = "probe_id, micros(ts) as ts_us, seq, kind, flags, micros(stored_at), payload";

/// $1 measurement, $2 and $3 first and last microsecond, $4 probes, $5 flags that a row must not have, $6 and $7
/// whether only anchors, and public probes.
constexpr char matching[] =
    "measurement_id = $1::int and ts >= moment($2::bigint) and ts <= moment($3::bigint) "
    "and (cardinality($4::int[]) = 0 or probe_id = any($4::int[])) and flags & $5::smallint = 0 "
    "and (not $6::bool or probe_id in (select id from probe where 'system-anchor' = any(system_tags))) "
    "and (not $7::bool or probe_id in (select id from probe where is_public))";

/// A row may stand in both tables when the clocks of two controllers disagreed about what is late. It is served once.
constexpr char only_late[] =
    " and not exists (select from result_hot h where h.measurement_id = result_late.measurement_id and "
    "h.ts = result_late.ts and h.probe_id = result_late.probe_id and h.seq = result_late.seq)";

// Within what timestamptz and the function moment() hold: the years 1677 to 2262, as wall_time does.
constexpr std::int64_t first_moment = -9'223'372'036'854'775, last_moment = 9'223'372'036'854'775;

parameters values_of(result_query const& query, std::int64_t not_before = first_moment)
{
    auto const whole = [](wall_time at) {
        return std::chrono::floor<std::chrono::microseconds>(at.time_since_epoch()).count();
    };
    auto const first = std::max(not_before, query.start ? whole(*query.start) : first_moment);
    // Results show whole seconds: the last one counts as a whole.
    auto const last =
        query.stop ? std::min(last_moment, to_unix_seconds(*query.stop) * 1'000'000 + 999'999) : last_moment;
    auto const unwanted = query.flagged ? std::int16_t{0} : flag_isolated;
    return parameters::of(query.measurement.value(), first, last, query.probes, unwanted, query.anchors_only,
                          query.public_only);
}

result<std::vector<result_row>> rows_from(rows const& found, measurement_id measurement, int from, int to)
{
    std::vector<result_row> out;
    out.reserve(static_cast<std::size_t>(to - from));
    for (int row = from; row < to; ++row) {
        auto const probe = probe_id::from(found.integer(row, 0));
        if (!probe) return probe.error();
        out.push_back({measurement, *probe, found.time(row, 1), found.integer(row, 2),
                       static_cast<std::int16_t>(found.integer(row, 3)),
                       static_cast<std::int16_t>(found.integer(row, 4)), found.time(row, 5), found.octets(row, 6)});
    }
    return out;
}

asio::awaitable<result<void>> read_newest(database& database, result_query const& query, result_taker const& take)
{
    auto const from = [](char const* table, char const* more) {
        return std::string(
                   "select *, row_number() over (partition by probe_id order by ts desc, seq desc) as place from ") +
               table + " where " + matching + more;
    };
    auto values = values_of(query);
    values.add(static_cast<std::int64_t>(query.versions));
    auto const found = co_await database.connections().run(
        std::string("select ") + columns +
            " from (select *, row_number() over (partition by probe_id order by ts desc, seq desc) as rank from (" +
            from("result_hot", "") + " union all " + from("result_late", only_late) +
            ") x where place <= $8::bigint) y where rank <= $8::bigint order by ts, probe_id, seq",
        std::move(values));
    if (!found) co_return found.error();
    for (int at = 0; at < found->count(); at += static_cast<int>(result_page)) {
        auto page =
            rows_from(*found, query.measurement, at, std::min(found->count(), at + static_cast<int>(result_page)));
        if (!page) co_return page.error();
        auto const taken = co_await take(std::move(*page));
        if (!taken) co_return taken.error();
    }
    co_return result<void>{};
}

std::string page_sql()
{
    auto const limit = std::to_string(result_page);
    auto const from = [&](char const* table, char const* more) {
        return std::string("(select * from ") + table + " where " + matching + more +
               " and (ts, probe_id, seq) > (moment($8::bigint), $9::int, $10::bigint) order by ts, probe_id, seq "
               "limit " +
               limit + ")";
    };
    return std::string("select ") + columns + " from (" + from("result_hot", "") + " union all " +
           from("result_late", only_late) + ") x order by ts, probe_id, seq limit " + limit;
}

}  // namespace

asio::awaitable<result<void>> read_results(database& database, result_query query, result_taker take)
{
    if (query.versions > 0) co_return co_await read_newest(database, query, take);
    auto const sql = page_sql();
    std::int64_t ts = first_moment, seq = 0;
    std::int32_t probe = 0;
    for (;;) {
        auto values = values_of(query, ts);  // partitions that were read are left out
        values.add(ts);
        values.add(probe);
        values.add(seq);
        auto const found = co_await database.connections().run(sql, std::move(values));
        if (!found) co_return found.error();
        auto page = rows_from(*found, query.measurement, 0, found->count());
        if (!page) co_return page.error();
        bool const last = page->size() < result_page;
        if (!page->empty()) {
            auto const& end = page->back();
            ts = std::chrono::floor<std::chrono::microseconds>(end.timestamp.time_since_epoch()).count();
            probe = end.probe.value();
            seq = end.sequence;
            auto const taken = co_await take(std::move(*page));
            if (!taken) co_return taken.error();
        }
        if (last) co_return result<void>{};
    }
}

asio::awaitable<result<result_count>> count_results(database& database, measurement_id measurement)
{
    auto const found = co_await database.connections().run(
        "select count(*), count(distinct probe_id) from (select probe_id, ts, seq from result_hot where measurement_id "
        "= $1::int "
        "union select probe_id, ts, seq from result_late where measurement_id = $1::int) x",
        parameters::of(measurement.value()));
    if (!found) co_return found.error();
    co_return result_count{static_cast<std::uint64_t>(found->integer(0, 0)),
                           static_cast<std::uint64_t>(found->integer(0, 1))};
}

}  // namespace tp::store
