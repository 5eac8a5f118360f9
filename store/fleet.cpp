#include "store/fleet.hpp"

#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

result<controller_record> controller_from(rows const& found, int row)
{
    auto const id = controller_id::from(found.integer(row, 0));
    if (!id) return id.error();
    auto const key = ssh::public_key::parse(found.text(row, 3));
    if (!key) return key.error();
    return controller_record{*id,
                             found.text(row, 1),
                             found.texts(row, 2),
                             *key,
                             static_cast<std::uint32_t>(found.integer(row, 4)),
                             static_cast<std::uint32_t>(found.integer(row, 5)),
                             static_cast<std::uint32_t>(found.integer(row, 6)),
                             std::chrono::seconds(found.integer(row, 7))};
}

/// Errors: errc::not_found for a probe that does not exist.
asio::awaitable<result<void>> place(connection& link, probe_id probe, std::vector<std::int32_t> const& ids,
                                    std::chrono::seconds lease)
{
    // Two registrations of one probe at the same time: the later one waits here, and wins.
    auto const before = co_await link.run(
        "select array(select controller_id from placement where probe_id = p.id order by rank) = $2::int[] "
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
    if (before->flag(0, 0)) co_return result<void>{};  // a longer lease is no news
    auto const told = co_await link.run("select announce('placement', $1::int)", parameters::of(probe.value()));
    if (!told) co_return told.error();
    co_return result<void>{};
}

}  // namespace

asio::awaitable<result<controller_id>> register_controller(database& database, std::string name,
                                                           std::vector<std::string> addresses, ssh::public_key host_key,
                                                           std::uint32_t capacity)
{
    auto const made = co_await database.connections().run(
        "insert into controller (name, addresses, host_key, capacity) values ($1, $2::text[], $3, $4::int) "
        "on conflict (name) do update set addresses = excluded.addresses, host_key = excluded.host_key, "
        "capacity = excluded.capacity, sessions = 0, heartbeat_at = now() returning id",
        parameters::of(name, addresses, host_key.text(), capacity));
    if (!made) co_return made.error();
    co_return controller_id::from(made->integer(0, 0));
}

asio::awaitable<result<void>> beat(database& database, controller_id controller, std::uint32_t sessions)
{
    auto const done = co_await database.connections().run(
        "update controller set heartbeat_at = now(), sessions = $2::int where id = $1::int",
        parameters::of(controller.value(), sessions));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<std::vector<controller_record>>> list_controllers(database& database)
{
    auto const found = co_await database.connections().run(
        "select c.id, c.name, c.addresses, c.host_key, c.capacity, c.sessions, "
        "(select count(*) from placement p where p.controller_id = c.id and p.rank = 1 and p.lease_until > now()), "
        "greatest(0, extract(epoch from now() - c.heartbeat_at)::bigint) from controller c order by c.name");
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
                                          std::chrono::seconds lease)
{
    std::vector<std::int32_t> ids;
    for (auto const id : ranked) ids.push_back(id.value());
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto const begun = co_await (*held)->script("begin");
    if (!begun) co_return begun.error();
    auto const placed = co_await place(**held, probe, ids, lease);
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

asio::awaitable<result<admitted>> admit_probe(database& database, controller_id controller, ssh::public_key key)
{
    auto const found = co_await database.connections().run(
        "select p.id, p.trust, exists (select from placement where probe_id = p.id and controller_id = $2::int "
        "and lease_until > now()) from probe p where p.key = $1",
        parameters::of(key.base64(), controller.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return admitted{admission::unknown_key, std::nullopt, {}};
    auto const id = probe_id::from(found->integer(0, 0));
    if (!id) co_return id.error();
    auto const trust = trust_state_named(found->text(0, 1));
    if (!trust) co_return errc::malformed;
    if (*trust == trust_state::revoked || *trust == trust_state::retired)
        co_return admitted{admission::revoked, *id, *trust};
    bool const here = may_connect(*trust) && found->flag(0, 2);
    co_return admitted{here ? admission::granted : admission::not_placed_here, *id, *trust};
}

}  // namespace tp::store
