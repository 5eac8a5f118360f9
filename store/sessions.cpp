#include <algorithm>

#include "store/fleet.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::microseconds nearest{1}, farthest = std::chrono::minutes{30};  // an int holds it

/// Ends sessions that match a condition: the log's rows and the probes' state in one statement.
std::string ending_sql(std::string const& condition)
{
    return "with ended as (update probe_session s set closed_at = now(), reason = $1, by_platform = $2::bool "
           "where closed_at is null and " +
           condition +
           "  returning s.id, s.probe_id, s.opened_at) "
           "update probe p set session = null, controller_id = null, status_since = now(), last_connected = now(), "
           "uptime = uptime + extract(epoch from now() - ended.opened_at)::bigint "
           "from ended where p.id = ended.probe_id and p.session = ended.id";
}

}  // namespace

asio::awaitable<result<std::int64_t>> session_opened(database& database, probe_id probe, controller_id controller,
                                                     ip_address seen_from, std::string software,
                                                     std::vector<std::string> capabilities,
                                                     std::optional<std::uint32_t> boot_count,
                                                     std::optional<std::chrono::microseconds> round_trip)
{
    // An older session that is still open ends here: one probe has one.
    constexpr char sql[] =
        "with old as (update probe_session set closed_at = now(), reason = 'replaced' "
        "  where probe_id = $1::int and closed_at is null returning opened_at), "
        "made as (insert into probe_session (probe_id, controller_id, address, boot_count, round_trip_us) "
        "  values ($1::int, $2::int, $3::inet, $6::bigint, $7::int) returning id) "
        "update probe set session = made.id, controller_id = $2::int, software = $4, capabilities = $5::text[], "
        "  system_tags = system_tags($1::int, $5::text[], local_v4, local_v6), "
        "  status_since = now(), last_connected = now(), first_connected = coalesce(first_connected, now()), "
        "  uptime = uptime + coalesce((select sum(extract(epoch from now() - opened_at))::bigint from old), 0), "
        "  address_v4 = case when family($3::inet) = 4 then $3::inet else address_v4 end, "
        "  address_v6 = case when family($3::inet) = 6 then $3::inet else address_v6 end "
        "from made where probe.id = $1::int returning made.id";
    std::optional<std::int32_t> distance;
    if (round_trip) distance = static_cast<std::int32_t>(std::clamp(*round_trip, nearest, farthest).count());
    auto const made = co_await database.connections().run(
        sql, parameters::of(probe.value(), controller.value(), seen_from.to_string(), software, capabilities,
                            boot_count, distance));
    if (!made) co_return made.error();
    if (made->empty()) co_return errc::not_found;
    co_return made->integer(0, 0);
}

asio::awaitable<result<void>> session_closed(database& database, probe_id probe, std::int64_t session,
                                             std::string reason, bool by_platform, bool answered)
{
    auto const done = co_await database.connections().run(ending_sql("s.probe_id = $3::int and s.id = $4::bigint"),
                                                          parameters::of(reason, by_platform, probe.value(), session));
    if (!done) co_return done.error();
    if (!answered) co_return result<void>{};
    // Its row was closed by the session that took its place.
    auto const noted = co_await database.connections().run(
        "update probe_session set still_answered = true where id = $1::bigint and probe_id = $2::int",
        parameters::of(session, probe.value()));
    if (!noted) co_return noted.error();
    co_return result<void>{};
}

asio::awaitable<result<std::vector<held_session>>> replaced_of(database& database, std::vector<held_session> held)
{
    std::vector<std::string> numbers;
    for (auto const& each : held) numbers.push_back(std::to_string(each.number));
    auto const found = co_await database.connections().run(
        "select s.probe_id, s.id from unnest($1::text[]) as held(number) join probe_session s "
        "on s.id = held.number::bigint where s.closed_at is not null and s.reason = 'replaced'",
        parameters::of(numbers));
    if (!found) co_return found.error();
    std::vector<held_session> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const probe = probe_id::from(found->integer(row, 0));
        if (probe) out.push_back({*probe, found->integer(row, 1)});
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> close_sessions_of(database& database, controller_start own)
{
    auto const done = co_await database.connections().run(
        ending_sql("s.controller_id = (select id from controller where id = $3::int and starts = $4::bigint)"),
        parameters::of("the controller was restarted", true, own.id.value(), own.number));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> close_sessions_of_silent(database& database, std::chrono::seconds silent_for)
{
    auto const done = co_await database.connections().run(
        ending_sql("s.controller_id in (select id from controller where heartbeat_at < now() - $3::bigint * interval "
                   "'1 second')"),
        parameters::of("the controller is silent", true, static_cast<std::int64_t>(silent_for.count())));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> refresh_system_tags(database& database)
{
    constexpr char sql[] =
        "update probe p set system_tags = t.tags from "
        "(select id, system_tags(id, capabilities, local_v4, local_v6) as tags from probe "
        "  where (select pg_try_advisory_xact_lock(7441003)) order by id) t "
        "where t.id = p.id and p.system_tags is distinct from t.tags";
    auto const done = co_await database.connections().run(sql);
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> refresh_system_tags(database& database, std::vector<probe_id> of)
{
    std::vector<std::int32_t> numbers;
    for (auto const probe : of) numbers.push_back(probe.value());
    // Waits for who renews those of all, and writes in the same order.
    constexpr char sql[] =
        "update probe p set system_tags = t.tags from "
        "(select id, system_tags(id, capabilities, local_v4, local_v6) as tags from probe, "
        "  (select pg_advisory_xact_lock(7441003)) as alone where id = any($1::int[]) order by id) t "
        "where t.id = p.id and p.system_tags is distinct from t.tags";
    auto const done = co_await database.connections().run(sql, parameters::of(numbers));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> record_events(database& database, std::vector<probe_event> events)
{
    if (events.empty()) co_return result<void>{};
    std::vector<std::int32_t> probes;
    std::vector<std::string> kinds, texts, times;
    for (auto const& event : events) {
        probes.push_back(event.probe.value());
        kinds.push_back(event.kind);
        texts.push_back(event.text);
        times.push_back(
            std::to_string(std::chrono::floor<std::chrono::microseconds>(event.at.time_since_epoch()).count()));
    }
    // A probe chooses what it calls its events: one that calls itself a report would push signed ones out.
    constexpr char sql[] =
        "with made as (insert into probe_event (probe_id, at, kind, detail) "
        "  select p, moment(t::bigint), k, d from unnest($1::int[], $2::text[], $3::text[], $4::text[]) as e(p, t, k, "
        "d) "
        "  where k <> 'version_report' and exists (select from probe where id = p) returning probe_id) "
        "select drop_old_events(array_agg(probe_id)) from made";
    auto const done = co_await database.connections().run(sql, parameters::of(probes, times, kinds, texts));
    if (!done) co_return done.error();
    co_return result<void>{};
}

}  // namespace tp::store
