#include "store/watching.hpp"

#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::int32_t most_alerts = 10'000;

result<std::optional<watch_memory>> memory_from(rows const& found, int row, int column)
{
    if (found.null(row, column)) return std::optional<watch_memory>();
    auto const left_in = trust_state_named(found.text(row, column));
    if (!left_in) return errc::malformed;
    watch_memory out{.left_in = *left_in};
    out.held_against = found.texts(row, column + 1);
    out.proposed = found.texts(row, column + 2);
    out.clean_rounds = static_cast<std::uint32_t>(found.integer(row, column + 3));
    out.isolations = static_cast<std::uint32_t>(found.integer(row, column + 4));
    out.isolated_at = found.optional_integer(row, column + 5);
    return std::optional<watch_memory>(std::move(out));
}

result<watched_probe> watched_from(rows const& found, int row)
{
    auto const probe = probe_id::from(found.integer(row, 0));
    if (!probe) return probe.error();
    auto const state = trust_state_named(found.text(row, 1));
    if (!state) return errc::malformed;
    watched_probe out{.probe = *probe, .trust = {*state, found.flag(row, 2), found.time(row, 3)}};
    out.latitude = found.optional_real(row, 4);
    out.longitude = found.optional_real(row, 5);
    if (!found.null(row, 6)) out.home_as = static_cast<std::uint32_t>(found.integer(row, 6));
    out.open_findings = found.texts(row, 7);
    auto memory = memory_from(found, row, 8);
    if (!memory) return memory.error();
    out.remembered = std::move(*memory);
    out.software = found.text(row, 14);
    return out;
}

asio::awaitable<result<void>> remember(connection& link, remembered_probe const& one)
{
    if (!one.what) {
        auto const gone =
            co_await link.run("delete from probe_watch where probe_id = $1::int", parameters::of(one.probe.value()));
        if (!gone) co_return gone.error();
        co_return result<void>{};
    }
    auto const& what = *one.what;
    auto const done = co_await link.run(
        "insert into probe_watch (probe_id, left_in, held_against, proposed, clean_rounds, isolations, isolated_at) "
        "values ($1::int, $2, $3::text[], $4::text[], $5::int, $6::int, $7::bigint) on conflict (probe_id) do update "
        "set left_in = excluded.left_in, held_against = excluded.held_against, proposed = excluded.proposed, "
        "clean_rounds = excluded.clean_rounds, isolations = excluded.isolations, isolated_at = excluded.isolated_at",
        parameters::of(one.probe.value(), name_of(what.left_in), what.held_against, what.proposed, what.clean_rounds,
                       what.isolations, what.isolated_at));
    if (!done) co_return done.error();
    co_return result<void>{};
}

/// Errors: errc::conflict.
asio::awaitable<result<void>> move_on(connection& link, std::optional<watch_round> before, watch_round done)
{
    auto const length = static_cast<std::int64_t>(done.length.count());
    result<rows> moved = errc::conflict;
    if (before) {
        moved = co_await link.run(
            "update watch_round set length = $1::bigint, last = $2::bigint where length = $3::bigint and last = "
            "$4::bigint",
            parameters::of(length, done.last, static_cast<std::int64_t>(before->length.count()), before->last));
    } else {
        moved = co_await link.run(
            "insert into watch_round (length, last) values ($1::bigint, $2::bigint) on conflict do nothing",
            parameters::of(length, done.last));
    }
    if (!moved) co_return moved.error();
    if (moved->affected() == 0) co_return errc::conflict;
    co_return result<void>{};
}

}  // namespace

asio::awaitable<result<std::vector<watched_probe>>> watched_probes(database& database)
{
    constexpr char sql[] =
        "select p.id, p.trust, p.trust_held, micros(p.trust_since), p.latitude, p.longitude, "
        "(select s.asn from probe_session s where s.probe_id = p.id and s.asn is not null and "
        "  (s.closed_at is null or s.closed_at > now() - $1::bigint * interval '1 second') group by s.asn "
        "  order by sum(coalesce(s.closed_at, now()) - "
        "    greatest(s.opened_at, now() - $1::bigint * interval '1 second')) desc limit 1), "
        "array(select f.rule from finding f where f.probe_id = p.id and f.cleared_at is null order by f.rule), "
        "w.left_in, w.held_against, w.proposed, w.clean_rounds, w.isolations, w.isolated_at, "
        "p.software from probe p left join probe_watch w on w.probe_id = p.id "
        "where p.trust in ('active', 'suspect', 'isolated', 'probation') and "
        "(p.session is not null or p.last_connected > now() - $2::bigint * interval '1 second') order by p.id";
    using std::chrono::seconds;
    auto const found = co_await database.connections().run(
        sql, parameters::of(static_cast<std::int64_t>(seconds(home_span).count()),
                            static_cast<std::int64_t>(seconds(watched_for).count())));
    if (!found) co_return found.error();
    std::vector<watched_probe> out;
    out.reserve(static_cast<std::size_t>(found->count()));
    for (int row = 0; row < found->count(); ++row) {
        auto one = watched_from(*found, row);
        if (!one) co_return one.error();
        out.push_back(std::move(*one));
    }
    co_return std::move(out);
}

asio::awaitable<result<std::optional<watch_round>>> last_watch_round(database& database)
{
    auto const found = co_await database.connections().run("select length, last from watch_round");
    if (!found) co_return found.error();
    std::optional<watch_round> out;
    if (!found->empty()) out = watch_round{std::chrono::seconds(found->integer(0, 0)), found->integer(0, 1)};
    co_return out;
}

asio::awaitable<result<void>> finish_watch_round(database& database, std::optional<watch_round> before,
                                                 watch_round done, std::vector<remembered_probe> changed)
{
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto& link = **held;
    auto const begun = co_await link.script("begin");
    if (!begun) co_return begun.error();
    auto const moved = co_await move_on(link, before, done);
    if (!moved) {
        [[maybe_unused]] auto const undone = co_await link.script("rollback");
        co_return moved.error();
    }
    for (auto const& each : changed) {
        auto const noted = co_await remember(link, each);
        if (!noted) co_return noted.error();
    }
    co_return co_await link.script("commit");
}

asio::awaitable<result<recorded>> raise_alert(database& database, alert what, std::chrono::seconds once_in)
{
    auto const made = co_await database.connections().run(
        "insert into alert (kind, subject, rule, said) select $1, $2, $3, $4 where not exists (select from alert "
        "where kind = $1 and subject = $2 and rule = $3 and at > now() - $5::bigint * interval '1 second')",
        parameters::of(what.kind, what.subject, what.rule, what.said, static_cast<std::int64_t>(once_in.count())));
    if (!made) co_return made.error();
    if (made->affected() == 0) co_return recorded::again;
    auto const pruned =
        co_await database.connections().run("delete from alert where id <= (select max(id) from alert) - $1::bigint",
                                            parameters::of(static_cast<std::int64_t>(most_alerts)));
    if (!pruned) co_return pruned.error();
    co_return recorded::fresh;
}

asio::awaitable<result<std::vector<alert_record>>> list_alerts(database& database, std::uint32_t most)
{
    auto const found = co_await database.connections().run(
        "select id, micros(at), kind, subject, rule, said from alert order by id desc limit $1::int",
        parameters::of(most));
    if (!found) co_return found.error();
    std::vector<alert_record> out;
    for (int row = 0; row < found->count(); ++row) {
        out.push_back({found->integer(row, 0),
                       found->time(row, 1),
                       {found->text(row, 2), found->text(row, 3), found->text(row, 4), found->text(row, 5)}});
    }
    co_return std::move(out);
}

}  // namespace tp::store
