#include "store/fleet.hpp"

#include <charconv>

#include "store/pool.hpp"
#include "store/probe_keys.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

result<controller_record> controller_from(rows const& found, int row)
{
    auto const id = controller_id::from(found.integer(row, 0));
    if (!id) return id.error();
    auto const key = ssh::public_key::parse(found.text(row, 3));
    if (!key) return key.error();
    auto const count = [&](int column) { return static_cast<std::uint32_t>(found.integer(row, column)); };
    return controller_record{.id = *id,
                             .name = found.text(row, 1),
                             .addresses = found.texts(row, 2),
                             .host_key = *key,
                             .capacity = count(4),
                             .sessions = count(5),
                             .placed = count(6),
                             .standby = count(7),
                             .heartbeat_age = std::chrono::seconds(found.integer(row, 8)),
                             .region = found.text(row, 9),
                             .failure_domain = found.text(row, 10),
                             .drained = found.flag(row, 11),
                             .drained_because = found.optional_text(row, 12).value_or("")};
}

result<std::vector<controller_id>> controllers_from(std::vector<std::string> const& numbers)
{
    std::vector<controller_id> out;
    for (auto const& each : numbers) {
        auto const id = controller_id::parse(each);
        if (!id) return id.error();
        out.push_back(*id);
    }
    return out;
}

/// The probe, its country, and its controllers as texts.
constexpr char placed_columns[] =
    "b.id, b.country, array(select controller_id::text from placement where probe_id = b.id and lease_until > now() "
    "order by rank), distances_of(b.id)";

/// Reads "CONTROLLER:MICROSECONDS".
result<controller_distance> distance_from(std::string_view text)
{
    std::int32_t controller = 0, microseconds = 0;
    auto const* const end = text.data() + text.size();
    auto const first = std::from_chars(text.data(), end, controller);
    if (first.ptr == end || *first.ptr != ':') return errc::malformed;
    auto const second = std::from_chars(first.ptr + 1, end, microseconds);
    auto const id = controller_id::from(controller);
    if (!id || second.ec != std::errc{} || second.ptr != end) return errc::malformed;
    return controller_distance{*id, std::chrono::microseconds(microseconds)};
}

result<placed_probe> placed_from(rows const& found, int row)
{
    auto const id = probe_id::from(found.integer(row, 0));
    if (!id) return id.error();
    auto present = controllers_from(found.texts(row, 2));
    if (!present) return present.error();
    placed_probe out{*id, found.text(row, 1), std::move(*present), {}};
    for (auto const& text : found.texts(row, 3)) {
        auto const one = distance_from(text);
        if (!one) return one.error();
        out.distances.push_back(*one);
    }
    return out;
}

/// Errors: errc::conflict when a probe that is not on it finds no place free. Until the transaction ends nobody else
/// who counts gives one away.
asio::awaitable<result<void>> take_place(connection& link, probe_id probe, std::int32_t controller)
{
    auto const alone = co_await link.run("select pg_advisory_xact_lock(7441006, $1::int)", parameters::of(controller));
    if (!alone) co_return alone.error();
    auto const free = co_await link.run(
        "select from controller c where id = $2::int and (capacity > (select count(*) from placement "
        "  where controller_id = c.id and rank = 1 and lease_until > now() and probe_id <> $1::int) "
        "or exists (select from placement "
        "  where controller_id = c.id and rank = 1 and lease_until > now() and probe_id = $1::int))",
        parameters::of(probe.value(), controller));
    if (!free) co_return free.error();
    if (free->empty()) co_return errc::conflict;
    co_return result<void>{};
}

/// Errors: errc::not_found for a probe that does not exist.
asio::awaitable<result<void>> place(connection& link, probe_id probe, std::vector<std::int32_t> const& ids,
                                    std::chrono::seconds lease)
{
    // Two registrations of one probe at the same time: the later one waits here, and wins.
    auto const before = co_await link.run(
        "select array(select controller_id from placement where probe_id = p.id) <@ $2::int[] "
        "from probe p where id = $1::int for no key update",
        parameters::of(probe.value(), ids));
    if (!before) co_return before.error();
    if (before->empty()) co_return errc::not_found;
    constexpr char sql[] =
        "with kept as (insert into placement (probe_id, controller_id, rank, lease_until) "
        "  select $1::int, id, rank, now() + $3::bigint * interval '1 second' "
        "  from unnest($2::int[]) with ordinality as t(id, rank) "
        "  on conflict (probe_id, rank) do update set controller_id = excluded.controller_id, "
        "    lease_until = excluded.lease_until) "
        "delete from placement where probe_id = $1::int and rank > cardinality($2::int[])";
    auto const done =
        co_await link.run(sql, parameters::of(probe.value(), ids, static_cast<std::int64_t>(lease.count())));
    if (!done) co_return done.error();
    // News is only that a controller lost the probe. Numbers of changes are given one at a time, each until its commit
    // is on disk: ten thousand probes that come for the first time must not wait for each other.
    if (before->flag(0, 0)) co_return result<void>{};
    auto const told = co_await link.run("select announce('placement', $1::int)", parameters::of(probe.value()));
    if (!told) co_return told.error();
    co_return result<void>{};
}

}  // namespace

asio::awaitable<result<controller_start>> register_controller(database& database, std::string name,
                                                              std::vector<std::string> addresses,
                                                              ssh::public_key host_key, std::uint32_t capacity,
                                                              controller_site site)
{
    auto const made = co_await database.connections().run(
        "insert into controller (name, addresses, host_key, capacity, region, failure_domain, starts) "
        "values ($1, $2::text[], $3, $4::int, $5, $6, extract(epoch from now())::bigint) on conflict (name) do update "
        "set "
        "addresses = excluded.addresses, host_key = excluded.host_key, capacity = excluded.capacity, "
        "region = excluded.region, failure_domain = excluded.failure_domain, sessions = 0, heartbeat_at = now(), "
        "starts = greatest(controller.starts + 1, excluded.starts) returning id, starts",
        parameters::of(name, addresses, host_key.text(), capacity, site.region, site.failure_domain));
    if (!made) co_return made.error();
    auto const id = controller_id::from(made->integer(0, 0));
    if (!id) co_return id.error();
    co_return controller_start{*id, made->integer(0, 1)};
}

// Not a default argument: GCC 12 destroys one twice that is made within a co_await expression.
asio::awaitable<result<controller_start>> register_controller(database& database, std::string name,
                                                              std::vector<std::string> addresses,
                                                              ssh::public_key host_key, std::uint32_t capacity)
{
    return register_controller(database, std::move(name), std::move(addresses), std::move(host_key), capacity,
                               controller_site());
}

asio::awaitable<result<tenure>> beat(database& database, controller_start own, std::uint32_t sessions)
{
    auto const found = co_await database.connections().run(
        "with heard as (update controller set heartbeat_at = now(), sessions = $3::int "
        "  where id = $1::int and starts = $2::bigint) "
        "select starts from controller where id = $1::int",
        parameters::of(own.id.value(), own.number, sessions));
    if (!found) co_return found.error();
    auto const newest = found->empty() ? 0 : found->integer(0, 0);
    if (newest == own.number) co_return tenure::holds;
    co_return newest > own.number ? tenure::replaced : tenure::unknown;
}

asio::awaitable<result<std::vector<controller_record>>> list_controllers(database& database)
{
    auto const found = co_await database.connections().run(
        "select c.id, c.name, c.addresses, c.host_key, c.capacity, c.sessions, coalesce(p.firsts, 0), "
        "coalesce(p.seconds, 0), greatest(0, extract(epoch from now() - c.heartbeat_at)::bigint), c.region, "
        "c.failure_domain, c.drained_at is not null, c.drained_because from controller c left join "
        "(select controller_id, count(*) filter (where rank = 1) as firsts, count(*) filter (where rank = 2) as "
        "seconds "
        "  from placement where lease_until > now() group by controller_id) p on p.controller_id = c.id order by "
        "c.name");
    if (!found) co_return found.error();
    std::vector<controller_record> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const record = controller_from(*found, row);
        if (!record) co_return record.error();
        out.push_back(*record);
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> place_probe(database& database, probe_id probe, std::vector<controller_id> ranked,
                                          std::chrono::seconds lease, vacancy free)
{
    std::vector<std::int32_t> ids;
    for (auto const id : ranked) ids.push_back(id.value());
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto const begun = co_await (*held)->script("begin");
    if (!begun) co_return begun.error();
    result<void> placed;
    if (free == vacancy::scarce) placed = co_await take_place(**held, probe, ids.front());
    if (placed) placed = co_await place(**held, probe, ids, lease);
    if (!placed) {
        [[maybe_unused]] auto const undone = co_await (*held)->script("rollback");
        co_return placed.error();
    }
    co_return co_await (*held)->script("commit");
}

asio::awaitable<result<std::vector<controller_id>>> placement_of(database& database, probe_id probe)
{
    auto const found = co_await database.connections().run(
        "select controller_id from placement where probe_id = $1::int and lease_until > now() order by rank",
        parameters::of(probe.value()));
    if (!found) co_return found.error();
    std::vector<controller_id> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const id = controller_id::from(found->integer(row, 0));
        if (!id) co_return id.error();
        out.push_back(*id);
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> drain_controller(database& database, std::string name, bool drained, std::string reason)
{
    auto const done = co_await database.connections().run(
        "update controller set drained_at = case when $2::bool then coalesce(drained_at, now()) end, "
        "drained_because = case when $2::bool then $3 end where name = $1",
        parameters::of(name, drained, reason));
    if (!done) co_return done.error();
    if (done->affected() == 0) co_return errc::not_found;
    co_return result<void>{};
}

asio::awaitable<result<placed_probe>> probe_to_place(database& database, probe_id probe)
{
    auto const found = co_await database.connections().run(
        std::string("select ") + placed_columns + " from probe b where b.id = $1::int", parameters::of(probe.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return placed_from(*found, 0);
}

asio::awaitable<result<std::vector<placed_probe>>> probes_placed_on(database& database, controller_id controller,
                                                                    std::uint32_t most)
{
    auto const found = co_await database.connections().run(
        std::string("select ") + placed_columns +
            " from (select probe_id from placement where controller_id = $1::int and rank = 1 and lease_until > now() "
            "order by random() limit $2::int) p join probe b on b.id = p.probe_id",
        parameters::of(controller.value(), most));
    if (!found) co_return found.error();
    std::vector<placed_probe> out;
    for (int row = 0; row < found->count(); ++row) {
        auto one = placed_from(*found, row);
        if (!one) co_return one.error();
        out.push_back(std::move(*one));
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> refresh_typical_distances(database& database)
{
    // A probe counts once for each controller, however often it came; few probes of a country say little about it.
    constexpr char sql[] =
        "with nearest as (select s.probe_id, b.country, s.controller_id, min(s.round_trip_us) as us "
        "  from probe_session s join probe b on b.id = s.probe_id join controller c on c.id = s.controller_id "
        "  where s.opened_at > now() - interval '7 days' and s.round_trip_us is not null and b.country <> '' "
        "    and (select pg_try_advisory_xact_lock(7441011)) group by 1, 2, 3), "
        "usual as (select country, controller_id, percentile_disc(0.5) within group (order by us) as us from nearest "
        "  group by 1, 2 having count(*) >= 3) "
        "insert into typical_distance (country, controller_id, round_trip_us) select * from usual "
        "on conflict (country, controller_id) do update set round_trip_us = excluded.round_trip_us "
        "  where typical_distance.round_trip_us <> excluded.round_trip_us";
    auto const done = co_await database.connections().run(sql);
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<std::vector<placed_pair>>> placed_pairs(database& database)
{
    auto const found = co_await database.connections().run(
        "select a.controller_id, b.controller_id, count(*) from placement a left join placement b "
        "on b.probe_id = a.probe_id and b.rank = 2 where a.rank = 1 and a.lease_until > now() group by 1, 2 order by "
        "1, 2");
    if (!found) co_return found.error();
    std::vector<placed_pair> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const first = controller_id::from(found->integer(row, 0));
        if (!first) co_return first.error();
        placed_pair one{*first, std::nullopt, static_cast<std::uint32_t>(found->integer(row, 2))};
        if (!found->null(row, 1)) {
            auto const second = controller_id::from(found->integer(row, 1));
            if (!second) co_return second.error();
            one.second = *second;
        }
        out.push_back(one);
    }
    co_return std::move(out);
}

asio::awaitable<result<leadership>> take_lead(database& database, std::string work, std::string holder,
                                              std::chrono::seconds lease)
{
    auto const taken = co_await database.connections().run(
        "insert into leader (work, holder, until) values ($1, $2, now() + $3::bigint * interval '1 second') "
        "on conflict (work) do update set holder = excluded.holder, until = excluded.until "
        "where leader.holder = excluded.holder or leader.until < now() returning 1",
        parameters::of(work, holder, static_cast<std::int64_t>(lease.count())));
    if (!taken) co_return taken.error();
    co_return taken->empty() ? leadership::theirs : leadership::ours;
}

asio::awaitable<result<admitted>> admit_probe(database& database, controller_id controller, ssh::public_key key)
{
    auto const found = co_await database.connections().run(
        "select p.id, p.trust, exists (select from placement where probe_id = p.id and controller_id = $2::int "
        "and lease_until > now()), k.state = 'pending', p.key_wanted is not null, p.frozen "
        "from probe_key k join probe p on p.id = k.probe_id where k.key = $1 and k.state <> 'replaced'",
        parameters::of(key.base64(), controller.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return admitted{admission::unknown_key};
    auto const id = probe_id::from(found->integer(0, 0));
    if (!id) co_return id.error();
    auto const trust = trust_state_named(found->text(0, 1));
    if (!trust) co_return errc::malformed;
    if (*trust == trust_state::revoked || *trust == trust_state::retired)
        co_return admitted{admission::revoked, *id, *trust};
    if (found->flag(0, 5)) co_return admitted{admission::frozen, *id, *trust};
    bool const here = may_connect(*trust) && found->flag(0, 2);
    if (!here) co_return admitted{admission::not_placed_here, *id, *trust};
    if (!found->flag(0, 3)) co_return admitted{admission::granted, *id, *trust, found->flag(0, 4)};
    auto const adopted = co_await adopt_key(database, std::move(key));
    if (!adopted && adopted.error() != errc::conflict) co_return adopted.error();
    co_return admitted{adopted ? admission::granted : admission::unknown_key, *id, *trust};
}

}  // namespace tp::store
