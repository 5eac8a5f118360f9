#include "store/firmware_leftovers.hpp"

#include <algorithm>

#include "store/director.hpp"
#include "store/firmware_lock.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

/// A full repository is gone within seconds; in steps like this one, no statement comes near the limit of its time.
constexpr std::ptrdiff_t files_at_once = 25;

/// Targets of instructions that are still good. A probe has one instruction, and as a member of its rollout the
/// expiry of it; of a probe that was withdrawn it says to install nothing.
asio::awaitable<result<rows>> instructed(database& database)
{
    return database.connections().run(
        "select distinct t.path, t.sha256 from firmware_instruction i "
        "join rollout_probe m on m.rollout_id = i.rollout_id and m.probe_id = i.probe_id "
        "join rollout_target t on t.rollout_id = i.rollout_id and t.model = m.model "
        "where m.expires_at > now() and m.stage <> 'withdrawn'");
}

asio::awaitable<result<void>> remove_some(connection& link, std::vector<std::int32_t> ids)
{
    auto const gone = co_await link.run("delete from firmware_file where id = any($1::int[])", parameters::of(ids));
    if (!gone) co_return gone.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> remove(connection& link, firmware_file_id timestamp, std::vector<std::int32_t> ids)
{
    auto const locked = co_await lock_repository(link);
    if (!locked) co_return locked.error();
    auto const in_force =
        co_await link.run("select from firmware_file where id = $1::int and path = $2 and stored_at is not null",
                          parameters::of(timestamp.value(), firmware_timestamp));
    if (!in_force) co_return in_force.error();
    if (in_force->empty()) co_return errc::conflict;
    for (auto at = ids.begin(); at != ids.end();) {
        auto const end = at + std::min(files_at_once, ids.end() - at);
        std::vector<std::int32_t> some(at, end);
        auto const gone = co_await remove_some(link, std::move(some));
        if (!gone) co_return gone.error();
        at = end;
    }
    auto const told = co_await link.run("select announce('firmware', $1::int)", parameters::of(timestamp.value()));
    if (!told) co_return told.error();
    co_return result<void>{};
}

}  // namespace

asio::awaitable<result<std::vector<replaced_timestamp>>> replaced_timestamps(database& database, wall_time since)
{
    auto const found = co_await database.connections().run(
        "select octets, micros(replaced_at) from firmware_replaced where replaced_at > moment($1::bigint) "
        "order by replaced_at desc, id desc",
        parameters::of(since));
    if (!found) co_return found.error();
    std::vector<replaced_timestamp> out;
    out.reserve(static_cast<std::size_t>(found->count()));
    for (int row = 0; row < found->count(); ++row) {
        auto octets = found->null(row, 0) ? std::nullopt : std::optional(found->octets(row, 0));
        out.push_back({std::move(octets), found->time(row, 1)});
    }
    co_return std::move(out);
}

asio::awaitable<result<std::vector<wanted_target>>> wanted_targets(database& database)
{
    auto const open = co_await open_rollouts(database);
    if (!open) co_return open.error();
    std::vector<wanted_target> out;
    for (auto const& each : *open) {
        for (auto const& target : each.targets) out.push_back({target.path, target.sha256});
    }
    auto const told = co_await instructed(database);
    if (!told) co_return told.error();
    for (int row = 0; row < told->count(); ++row) out.push_back({told->text(row, 0), told->octets(row, 1)});
    co_return std::move(out);
}

asio::awaitable<result<std::string>> read_firmware_file(database& database, firmware_file file, std::uint64_t most)
{
    if (file.size > most) co_return errc::too_large;
    std::string out;
    for (std::uint32_t number = 0; out.size() < file.size; ++number) {
        auto const piece = co_await read_firmware_piece(database, file.id, number);
        if (!piece) co_return piece.error();
        out += *piece;
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> remove_firmware_files(database& database, firmware_file_id timestamp,
                                                    std::vector<firmware_file_id> files)
{
    std::vector<std::int32_t> ids;
    ids.reserve(files.size());
    for (auto const each : files) ids.push_back(each.value());
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto const begun = co_await (*held)->script("begin");
    if (!begun) co_return begun.error();
    auto const removed = co_await remove(**held, timestamp, std::move(ids));
    if (!removed) {
        [[maybe_unused]] auto const undone = co_await (*held)->script("rollback");
        co_return removed.error();
    }
    co_return co_await (*held)->script("commit");
}

}  // namespace tp::store
