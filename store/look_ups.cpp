#include "store/look_ups.hpp"

#include "store/pool.hpp"
#include "store/read_rows.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

std::string micros_text(wall_time at)
{
    return std::to_string(std::chrono::floor<std::chrono::microseconds>(at.time_since_epoch()).count());
}

}  // namespace

asio::awaitable<result<std::vector<look_up_job>>> standing_look_ups(database& database)
{
    auto const found = co_await database.connections().run(
        "select id, job, look_up from measurement where look_up is not null and ends_at is null and stopped_at is null "
        "order by id");
    co_return platform_jobs_from<look_up_job>(found);
}

asio::awaitable<result<std::vector<look_up_job>>> look_ups_in(database& database, time_span span)
{
    auto const found = co_await database.connections().run(
        "select id, job, look_up from measurement where look_up is not null and start_time < moment($2::bigint) and "
        "(ends_at is null or ends_at > moment($1::bigint)) and (stopped_at is null or stopped_at > moment($1::bigint)) "
        "order by id",
        parameters::of(span.from, span.to));
    co_return platform_jobs_from<look_up_job>(found);
}

asio::awaitable<result<std::vector<probe_id>>> look_up_newcomers(database& database, std::string capability,
                                                                 std::string unless,
                                                                 std::optional<measurement_id> which)
{
    auto const number = which ? std::optional(which->value()) : std::nullopt;
    auto const found = co_await database.connections().run(
        "select id from probe b where session is not null and measures(trust) and $1 = any(capabilities) and not "
        "$2 = any(capabilities) and not exists (select from participant p where p.measurement_id = $3::int and "
        "p.probe_id = b.id) order by id",
        parameters::of(capability, unless, number));
    co_return probe_ids_from(found);
}

asio::awaitable<result<void>> record_look_ups(database& database, std::vector<look_up_finding> found,
                                              std::chrono::seconds valid_for)
{
    if (found.empty()) co_return result<void>{};
    std::vector<std::int32_t> probes, families, mangled;
    std::vector<std::string> records, said, times;
    for (auto const& each : found) {
        probes.push_back(each.probe.value());
        records.push_back(each.record);
        families.push_back(static_cast<std::int32_t>(each.af));
        said.push_back(each.said);
        mangled.push_back(each.mangles_case ? 1 : 0);
        times.push_back(micros_text(each.at));
    }
    constexpr char sql[] =
        "insert into probe_look_up (probe_id, record, af, said, mangles_case, at, valid_until) "
        "select distinct on (f.probe, f.record, f.af) f.probe, f.record, f.af, f.said, f.mangled <> 0, "
        "  moment(f.at::bigint), moment(f.at::bigint) + $7::bigint * interval '1 second' "
        "from unnest($1::int[], $2::text[], $3::int[], $4::text[], $5::int[], $6::text[]) "
        "  as f(probe, record, af, said, mangled, at) "
        "where f.said <> 'unanswered' or exists (select from probe_session s where s.probe_id = f.probe "
        "  and s.opened_at <= moment(f.at::bigint) and (s.closed_at is null or "
        "  s.closed_at >= moment(f.at::bigint) + $8::bigint * interval '1 second')) "
        "order by f.probe, f.record, f.af, f.at::bigint desc "
        "on conflict (probe_id, record, af) do update set said = excluded.said, mangles_case = excluded.mangles_case, "
        "  at = excluded.at, valid_until = excluded.valid_until where probe_look_up.at < excluded.at";
    auto const done =
        co_await database.connections().run(sql, parameters::of(probes, records, families, said, mangled, times,
                                                                static_cast<std::int64_t>(valid_for.count()),
                                                                static_cast<std::int64_t>(look_up_proof.count())));
    if (!done) co_return done.error();
    co_return result<void>{};
}

}  // namespace tp::store
