#include "store/abuse.hpp"

#include <array>

#include "store/pool.hpp"
#include "store/random.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::array<std::string_view, 2> proofs{"http", "dns"};
constexpr std::array<std::string_view, 2> decisions{"keep-blocked", "reopen"};

/// Measurements that run and are towards the target of the case `c`.
constexpr char towards_it[] =
    "measurement m where m.stopped_at is null and (m.ends_at is null or m.ends_at > now()) and "
    "(m.address <<= c.prefix or lower(m.target) = c.name)";

std::string select_cases()
{
    return std::string(
               "select c.id, c.prefix::text, c.name, c.contact, c.complaint, host(c.source), c.token, micros(c.at), "
               "micros(c.proved_at), c.proved_by, c.decision, micros(c.decided_at), c.reason, c.blocks, "
               "(select count(*) from ") +
           towards_it + ") from abuse_case c ";
}

template <class Enum>
std::optional<Enum> one_of(std::array<std::string_view, 2> const& names, std::optional<std::string> const& text)
{
    for (std::size_t i = 0; text && i < names.size(); ++i)
        if (names[i] == *text) return static_cast<Enum>(i);
    return std::nullopt;
}

result<abuse_record> record_from(rows const& found, int row)
{
    auto const id = abuse_case_id::from(found.integer(row, 0));
    if (!id) return id.error();
    auto const source = parse_address(found.text(row, 5));
    if (!source) return source.error();
    abuse_record out{.id = *id};
    if (auto const text = found.optional_text(row, 1)) {
        auto const prefix = ip_prefix::parse(*text);
        if (!prefix) return prefix.error();
        out.says.prefix = *prefix;
    }
    out.says.name = found.optional_text(row, 2).value_or("");
    out.says.contact = found.text(row, 3);
    out.says.complaint = found.text(row, 4);
    out.says.source = *source;
    out.token = found.text(row, 6);
    out.at = found.time(row, 7);
    out.proved = found.optional_time(row, 8);
    out.proved_by = one_of<abuse_proof>(proofs, found.optional_text(row, 9));
    out.decision = one_of<abuse_decision>(decisions, found.optional_text(row, 10));
    out.decided = found.optional_time(row, 11);
    out.reason = found.optional_text(row, 12).value_or("");
    out.blocks = found.flag(row, 13);
    out.paused = static_cast<std::uint32_t>(found.integer(row, 14));
    return out;
}

/// Controllers read the list of blocks again, and the measurements that it concerns.
asio::awaitable<result<void>> announce_blocks(connection& link, abuse_case_id id)
{
    auto const told = co_await link.run(
        std::string("select announce(x.what, x.which) from (select 'document' as what, $1::int as which union all "
                    "select 'measurement', m.id from abuse_case c, ") +
            towards_it + " and c.id = $1::int) x",
        parameters::of(id.value()));
    if (!told) co_return told.error();
    co_return result<void>{};
}

/// @param sql  changes the case and logs it, and answers whether what is blocked is another thing now. No row: there
///             is no such case.
asio::awaitable<result<void>> change_case(database& database, abuse_case_id id, std::string sql, parameters values)
{
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto& link = **held;
    auto const begun = co_await link.script("begin");
    if (!begun) co_return begun.error();
    auto const done = co_await link.run(std::move(sql), std::move(values));
    if (!done) co_return done.error();
    if (done->empty()) {
        [[maybe_unused]] auto const undone = co_await link.script("rollback");
        co_return errc::not_found;
    }
    if (done->flag(0, 0)) {
        auto const told = co_await announce_blocks(link, id);
        if (!told) co_return told.error();
    }
    co_return co_await link.script("commit");
}

}  // namespace

std::string_view name_of(abuse_proof how) noexcept
{
    return proofs.at(static_cast<std::size_t>(how));
}

std::string_view name_of(abuse_decision what) noexcept
{
    return decisions.at(static_cast<std::size_t>(what));
}

asio::awaitable<result<opened_abuse_case>> open_abuse_case(database& database, new_abuse_case claimed)
{
    auto const prefix = claimed.prefix ? std::optional(claimed.prefix->text()) : std::nullopt;
    auto const name = claimed.prefix ? std::nullopt : std::optional(claimed.name);
    auto token = random_uuid();
    auto const made = co_await database.connections().run(
        "insert into abuse_case (prefix, name, contact, complaint, source, token) "
        "select $1::cidr, $2, $3, $4, $5::inet, $6 where (select count(*) from abuse_case where proved_at is null and "
        "decision is null) < $7::bigint returning id",
        parameters::of(prefix, name, claimed.contact, claimed.complaint, claimed.source.to_string(), token,
                       static_cast<std::int64_t>(most_open_claims)));
    if (!made) co_return made.error();
    if (made->empty()) co_return errc::unavailable;
    auto const id = abuse_case_id::from(made->integer(0, 0));
    if (!id) co_return id.error();
    co_return opened_abuse_case{*id, std::move(token)};
}

asio::awaitable<result<abuse_record>> find_abuse_case(database& database, abuse_case_id id)
{
    auto const found =
        co_await database.connections().run(select_cases() + "where c.id = $1::int", parameters::of(id.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return record_from(*found, 0);
}

asio::awaitable<result<abuse_page>> list_abuse_cases(database& database, bool undecided, std::uint32_t offset,
                                                     std::uint32_t limit)
{
    auto const counted = co_await database.connections().run(
        "select count(*) from abuse_case c where not $1::bool or c.decision is null", parameters::of(undecided));
    if (!counted) co_return counted.error();
    auto const found = co_await database.connections().run(
        select_cases() +
            "where not $1::bool or c.decision is null order by c.id desc limit $2::bigint offset "
            "$3::bigint",
        parameters::of(undecided, static_cast<std::int64_t>(limit), static_cast<std::int64_t>(offset)));
    if (!found) co_return found.error();
    abuse_page out;
    out.count = static_cast<std::uint64_t>(counted->integer(0, 0));
    for (int row = 0; row < found->count(); ++row) {
        auto record = record_from(*found, row);
        if (!record) co_return record.error();
        out.rows.push_back(std::move(*record));
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> prove_abuse_case(database& database, abuse_case_id id, abuse_proof how)
{
    std::string sql =
        "with old as (select * from abuse_case where id = $1::int for update), "
        "  now_proved as (update abuse_case c set proved_at = now(), proved_by = $2 from old where c.id = old.id and "
        "    old.proved_at is null returning c.id, c.blocks), "
        "  logged as (insert into abuse_log (case_id, what, said) select id, 'proved', $2 from now_proved) "
        "select exists (select from now_proved where blocks) from old";
    co_return co_await change_case(database, id, std::move(sql), parameters::of(id.value(), std::string(name_of(how))));
}

asio::awaitable<result<void>> decide_abuse_case(database& database, abuse_case_id id, abuse_decision what,
                                                account_id by, std::string reason)
{
    std::string sql =
        "with old as (select * from abuse_case where id = $1::int for update), "
        "  decided as (update abuse_case c set decision = $2, decided_at = now(), decided_by = $3::int, reason = $4 "
        "    from old where c.id = old.id returning c.id, c.blocks), "
        "  logged as (insert into abuse_log (case_id, what, account_id, said) select id, $2, $3::int, $4 from decided) "
        "select d.blocks <> old.blocks from old join decided d on d.id = old.id";
    co_return co_await change_case(database, id, std::move(sql),
                                   parameters::of(id.value(), std::string(name_of(what)), by.value(), reason));
}

asio::awaitable<result<block_list>> blocked_prefixes(database& database)
{
    auto const found = co_await database.connections().run(
        "select v.version, c.prefix::text from (select coalesce(max(id), 0) as version from abuse_log) v "
        "left join (select distinct prefix from abuse_case where blocks and prefix is not null) c on true "
        "order by c.prefix");
    if (!found) co_return found.error();
    block_list out;
    for (int row = 0; row < found->count(); ++row) {
        out.version = static_cast<std::uint64_t>(found->integer(row, 0));
        auto const text = found->optional_text(row, 1);
        if (!text) continue;
        auto const prefix = ip_prefix::parse(*text);
        if (!prefix) co_return prefix.error();
        out.prefixes.push_back(*prefix);
    }
    co_return std::move(out);
}

}  // namespace tp::store
