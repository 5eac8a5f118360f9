#include "store/signed_targets.hpp"

#include "store/hex.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

std::uint64_t natural(rows const& found, int row, int column)
{
    return static_cast<std::uint64_t>(found.integer(row, column));
}

asio::awaitable<result<void>> add(connection& link, std::vector<signed_target> found)
{
    std::vector<std::string> paths, models, releases, lengths, hashes;
    for (auto& each : found) {
        paths.push_back(std::move(each.path));
        models.push_back(std::move(each.model));
        releases.push_back(std::to_string(each.release));
        lengths.push_back(std::to_string(each.length));
        hashes.push_back(hex(each.sha256));
    }
    auto const added = co_await link.run(
        "insert into signed_target (path, model, release, length, sha256) select n.path, n.model, n.release::bigint, "
        "n.length::bigint, decode(n.sha256, 'hex') from unnest($1::text[], $2::text[], $3::text[], $4::text[], "
        "$5::text[]) as n(path, model, release, length, sha256) on conflict do nothing",
        parameters::of(paths, models, releases, lengths, hashes));
    if (!added) co_return added.error();
    auto const all = co_await link.run("select count(*) from signed_target");
    if (!all) co_return all.error();
    if (natural(*all, 0, 0) > most_signed_targets) co_return errc::too_large;
    co_return result<void>{};
}

asio::awaitable<result<void>> note(connection& link, firmware_file_id timestamp)
{
    auto const noted = co_await link.run(
        "insert into signed_list (made_of) values ($1::int) on conflict (only_one) do update set "
        "made_of = excluded.made_of, made_at = now()",
        parameters::of(timestamp.value()));
    if (!noted) co_return noted.error();
    co_return result<void>{};
}

}  // namespace

asio::awaitable<result<std::optional<firmware_file_id>>> unlisted_repository(database& database)
{
    auto const found = co_await database.connections().run(
        "select id from firmware_file where path = $1 and stored_at is not null and not exists "
        "(select from signed_list where made_of = firmware_file.id)",
        parameters::of(firmware_timestamp));
    if (!found) co_return found.error();
    if (found->empty()) co_return std::optional<firmware_file_id>();
    auto const id = firmware_file_id::from(found->integer(0, 0));
    if (!id) co_return id.error();
    co_return std::optional(*id);
}

asio::awaitable<result<void>> list_signed_targets(database& database, firmware_file_id timestamp,
                                                  std::vector<signed_target> found)
{
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto const begun = co_await (*held)->script("begin");
    if (!begun) co_return begun.error();
    auto done = co_await add(**held, std::move(found));
    if (done) done = co_await note(**held, timestamp);
    if (!done) {
        [[maybe_unused]] auto const undone = co_await (*held)->script("rollback");
        co_return done.error();
    }
    co_return co_await (*held)->script("commit");
}

asio::awaitable<result<signed_list>> signed_targets(database& database)
{
    // In one statement: a list that is complete now was made of what is there now.
    auto const found = co_await database.connections().run(
        "select t.path, t.model, t.release, t.length, t.sha256, exists (select from signed_list l join firmware_file f "
        "on f.id = l.made_of where f.path = $1 and f.stored_at is not null) from signed_target t "
        "order by t.model, t.release, t.path",
        parameters::of(firmware_timestamp));
    if (!found) co_return found.error();
    signed_list out;
    out.all.reserve(static_cast<std::size_t>(found->count()));
    for (int row = 0; row < found->count(); ++row) {
        out.complete = found->flag(row, 5);
        out.all.push_back({found->text(row, 0), found->text(row, 1), natural(*found, row, 2), natural(*found, row, 3),
                           found->octets(row, 4)});
    }
    co_return std::move(out);
}

}  // namespace tp::store
