#include "store/hosting.hpp"

#include "base/claim_code.hpp"
#include "store/code_entry.hpp"
#include "store/enrolment.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::int64_t most_reasons = 100;

}  // namespace

asio::awaitable<result<hosting_record>> hosting_of(database& database, probe_id probe)
{
    constexpr char sql[] =
        "select p.storage_trouble, micros(p.storage_since), c.version, micros(c.at), micros(t.expires_at), d.serial, "
        "  d.model, d.revision, b.name, coalesce(b.frozen, ''), coalesce(b.frozen_because, '') "
        "from probe p "
        "left join lateral (select version, at from probe_consent where probe_id = p.id and account_id = p.owner_id "
        "  order by id desc limit 1) c on true "
        "left join probe_transfer t on t.probe_id = p.id and t.ended_at is null and t.expires_at > now() "
        "left join factory_device d on d.probe_id = p.id left join factory_batch b on b.id = d.batch_id "
        "where p.id = $1::int";
    auto const found = co_await database.connections().run(sql, parameters::of(probe.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    hosting_record out;
    if (!found->null(0, 0)) out.storage = hosting_record::trouble{found->text(0, 0), found->time(0, 1)};
    if (!found->null(0, 2)) out.accepted = hosting_record::consent{found->text(0, 2), found->time(0, 3)};
    if (!found->null(0, 4)) out.offered_until = found->time(0, 4);
    if (!found->null(0, 5))
        out.made = hosting_record::device{found->text(0, 5), found->text(0, 6), found->text(0, 7),
                                          found->text(0, 8), found->text(0, 9), found->text(0, 10)};
    co_return std::move(out);
}

asio::awaitable<result<void>> accept_consent(database& database, probe_id probe, account_id host, std::string version)
{
    auto const done = co_await database.connections().run(
        "insert into probe_consent (probe_id, account_id, version) select id, $2::int, $3 from probe "
        "where id = $1::int and owner_id = $2::int",
        parameters::of(probe.value(), host.value(), version));
    if (!done) co_return done.error();
    if (done->affected() == 0) co_return errc::not_found;
    co_return result<void>{};
}

asio::awaitable<result<void>> note_storage(database& database, probe_id probe, std::optional<std::string> trouble)
{
    auto const done =
        co_await database.connections().run("select note_storage($1::int, $2)", parameters::of(probe.value(), trouble));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<probe_offer>> offer_probe(database& database, probe_id probe, account_id host,
                                                 std::chrono::seconds lifetime)
{
    probe_offer out{.code = random_claim_code()};
    parameters values;
    values.add(probe.value());
    values.add(host.value());
    values.add_octets(hash_of_code(out.code));
    values.add(static_cast<std::int64_t>(lifetime.count()));
    auto const done = co_await database.connections().run("select offer_probe($1::int, $2::int, $3::bytea, $4::bigint)",
                                                          std::move(values));
    if (!done) co_return done.error();
    auto const said = done->text(0, 0);
    if (said == "unknown") co_return errc::not_found;
    out.what = said == "offered"     ? offer_outcome::offered
               : said == "forbidden" ? offer_outcome::forbidden
                                     : offer_outcome::not_possible;
    co_return std::move(out);
}

asio::awaitable<result<void>> withdraw_probe(database& database, probe_id probe, account_id host)
{
    auto const done = co_await database.connections().run("select withdraw_probe($1::int, $2::int)",
                                                          parameters::of(probe.value(), host.value()));
    if (!done) co_return done.error();
    if (!done->flag(0, 0)) co_return errc::not_found;
    co_return result<void>{};
}

asio::awaitable<result<code_answer>> accept_probe(database& database, std::string code, account_id by,
                                                  std::optional<std::string> consent)
{
    return enter_code(database, "select outcome, which from accept_probe($1::bytea, $2::int, $3)", std::move(code), by,
                      std::move(consent));
}

asio::awaitable<result<std::vector<lost_probes>>> count_lost_probes(database& database, std::chrono::seconds silent_for)
{
    constexpr char sql[] =
        "with gone as (select p.id, p.storage_trouble, "
        "    p.trust = 'retired' as written_off from probe p where "
        "  (p.trust in ('active', 'suspect', 'isolated', 'probation') and p.session is null "
        "    and p.first_connected is not null and p.status_since < now() - $1::bigint * interval '1 second') "
        "  or (p.trust = 'retired' and (select event from trust_change where probe_id = p.id order by id desc limit 1) "
        "    = 'written_off')) "
        "select coalesce('failing storage: ' || storage_trouble, "
        "  (select reason from probe_session where probe_id = gone.id order by id desc limit 1), 'it never "
        "connected'), "
        "  count(*) filter (where not written_off), count(*) filter (where written_off) "
        "from gone group by 1 order by count(*) desc, 1 limit $2::bigint";
    auto const found = co_await database.connections().run(
        sql, parameters::of(static_cast<std::int64_t>(silent_for.count()), most_reasons));
    if (!found) co_return found.error();
    std::vector<lost_probes> out;
    for (int row = 0; row < found->count(); ++row)
        out.push_back({found->text(row, 0), static_cast<std::uint32_t>(found->integer(row, 1)),
                       static_cast<std::uint32_t>(found->integer(row, 2))});
    co_return std::move(out);
}

}  // namespace tp::store
