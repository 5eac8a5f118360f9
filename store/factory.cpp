#include "store/factory.hpp"

#include "store/code_entry.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;

asio::awaitable<result<import_outcome>> import_factory_list(database& database, factory_list list, account_id by)
{
    std::vector<std::string> serials, keys, models, revisions, codes;
    for (auto const& one : list.devices) {
        serials.push_back(one.serial);
        keys.push_back(one.key.base64());
        models.push_back(one.model);
        revisions.push_back(one.revision);
        codes.push_back(one.code_hash);
    }
    parameters values;
    values.add(list.batch);
    values.add(static_cast<std::int64_t>(list.version));
    values.add_octets(std::move(list.octets));
    values.add(by.value());
    for (auto const* each : {&serials, &keys, &models, &revisions, &codes}) values.add(*each);
    auto const done = co_await database.connections().run(
        "select outcome, added from import_factory_list($1, $2::bigint, $3::bytea, $4::int, $5::text[], $6::text[], "
        "$7::text[], $8::text[], $9::text[])",
        std::move(values));
    if (!done) co_return done.error();
    auto said = done->text(0, 0);
    if (said == "forbidden") co_return errc::rejected;
    if (said == "older") co_return errc::conflict;
    if (said == "imported") co_return import_outcome{{}, static_cast<std::uint32_t>(done->integer(0, 1))};
    co_return import_outcome{std::move(said), 0};
}

asio::awaitable<result<std::vector<factory_batch>>> list_factory_batches(database& database)
{
    auto const found = co_await database.connections().run(
        "select b.name, b.version, micros(b.imported_at), count(d.serial), count(p.owner_id), coalesce(b.frozen, ''), "
        "coalesce(b.frozen_because, '') from factory_batch b left join factory_device d on d.batch_id = b.id "
        "left join probe p on p.id = d.probe_id group by b.id order by b.id desc limit 500");
    if (!found) co_return found.error();
    std::vector<factory_batch> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const count = [&](int column) { return static_cast<std::uint32_t>(found->integer(row, column)); };
        out.push_back({found->text(row, 0), static_cast<std::uint64_t>(found->integer(row, 1)), found->time(row, 2),
                       count(3), count(4), found->text(row, 5), found->text(row, 6)});
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> freeze_batch(database& database, std::string name, batch_state to, std::string reason)
{
    std::optional<std::string> what;
    if (to == batch_state::unclaimed_frozen) what = "unclaimed";
    if (to == batch_state::all_frozen) what = "all";
    auto const done =
        co_await database.connections().run("select freeze_batch($1, $2, $3)", parameters::of(name, what, reason));
    if (!done) co_return done.error();
    if (!done->flag(0, 0)) co_return errc::not_found;
    co_return result<void>{};
}

asio::awaitable<result<code_answer>> claim_device(database& database, std::string code, account_id by,
                                                  std::optional<std::string> consent)
{
    return enter_code(database, "select outcome, which from claim_device($1::bytea, $2::int, $3)", std::move(code), by,
                      std::move(consent));
}

}  // namespace tp::store
