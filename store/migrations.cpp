#include "store/migrations.hpp"

#include "base/log.hpp"
#include "store/embedded_migrations.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::int64_t migration_lock = 7'441'000;  // an advisory lock of our own

// Another database's migration may make them at this moment.
constexpr char make_roles[] = R"(
do $$
declare
    name text;
begin
    foreach name in array array['tp_registry', 'tp_controller', 'tp_api'] loop
        continue when exists (select from pg_roles where rolname = name);
        begin
            execute format('create role %I login', name);
        exception when duplicate_object or unique_violation then null;
        end;
    end loop;
end $$)";

asio::awaitable<result<void>> ensure_roles(connection& link)
{
    auto const made = co_await link.script(make_roles);
    if (!made && made.error() == errc::rejected) {
        log::error(
            "store",
            "this login may not make the roles tp_registry, tp_controller and tp_api: let an administrator of the "
            "server run CREATE ROLE tp_registry LOGIN; CREATE ROLE tp_controller LOGIN; CREATE ROLE tp_api LOGIN; "
            "and start again");
    }
    co_return made;
}

asio::awaitable<result<int>> present_version(connection& link)
{
    auto const made = co_await link.script(
        "create table if not exists schema_version (number int primary key, name text not null, "
        "applied_at timestamptz not null default now())");
    if (!made) co_return made.error();
    auto const found = co_await link.run("select coalesce(max(number), 0) from schema_version");
    if (!found) co_return found.error();
    co_return static_cast<int>(found->integer(0, 0));
}

asio::awaitable<result<void>> apply(connection& link, embedded_migration const& migration)
{
    // In the script's own transaction: the schema and the record of it change together.
    std::string const record = "insert into schema_version (number, name) values (" + std::to_string(migration.number) +
                               ", '" + migration.name + "');";
    auto const done = co_await link.script("begin;" + migration.sql + record + "commit;");
    if (done) {
        log::info("store", "schema: applied " + migration.name);
        co_return result<void>{};
    }
    log::error("store", "schema: " + migration.name + " failed");
    [[maybe_unused]] auto const undone = co_await link.script("rollback");
    co_return done.error();
}

asio::awaitable<result<void>> apply_missing(connection& link)
{
    auto const roles = co_await ensure_roles(link);
    if (!roles) co_return roles.error();
    auto const version = co_await present_version(link);
    if (!version) co_return version.error();
    auto const& all = embedded_migrations();
    if (*version > all.back().number) {
        log::error("store", "schema: version " + std::to_string(*version) + " is newer than this program");
        co_return errc::unsupported;
    }
    for (auto const& migration : all) {
        if (migration.number <= *version) continue;
        auto const applied = co_await apply(link, migration);
        if (!applied) co_return applied.error();
    }
    co_return result<void>{};
}

}  // namespace

asio::awaitable<result<void>> migrate(database& database)
{
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto& link = **held;
    auto const locked = co_await link.run("select pg_advisory_lock($1::bigint)", parameters::of(migration_lock));
    if (!locked) co_return locked.error();
    auto const outcome = co_await apply_missing(link);
    [[maybe_unused]] auto const unlocked =
        co_await link.run("select pg_advisory_unlock($1::bigint)", parameters::of(migration_lock));
    co_return outcome;
}

}  // namespace tp::store
