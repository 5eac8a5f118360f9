#include "store/rollouts.hpp"

#include <algorithm>
#include <charconv>

#include "store/pool.hpp"
#include "store/rollout_rows.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

/// What rollout_from() reads.
std::string select_rollouts(approvers named)
{
    std::string const who = named == approvers::by_address
                                ? "a.email from rollout_approval v join account a on a.id = v.account_id"
                                : "v.account_id::text from rollout_approval v";
    return "select r.id, r.mode, r.waves, r.lab_tag, r.soak, r.back_within, r.deadline, r.limits::text[], r.seed, "
           "r.reason, r.created_by, micros(r.created_at), r.wish, r.wished_because, r.phase, r.wave, "
           "micros(r.phase_since), micros(r.wave_since), r.because, array(select " +
           who + " where v.rollout_id = r.id order by v.at) from rollout r ";
}

std::vector<std::int32_t> numbers(std::vector<std::string> const& texts)
{
    std::vector<std::int32_t> out;
    for (auto const& text : texts) {
        std::int32_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        out.push_back(value);
    }
    return out;
}

result<rollout_record> rollout_from(rows const& found, int row)
{
    auto const id = rollout_id::from(found.integer(row, 0));
    auto const by = account_id::from(found.integer(row, 10));
    if (!id || !by) return errc::malformed;
    using std::chrono::seconds;
    rollout_wish wanted{.mode = found.text(row, 1),
                        .waves = found.text(row, 2),
                        .lab_tag = found.text(row, 3),
                        .soak = seconds(found.integer(row, 4)),
                        .back_within = seconds(found.integer(row, 5)),
                        .deadline = seconds(found.integer(row, 6)),
                        .limits = numbers(found.texts(row, 7)),
                        .seed = found.integer(row, 8),
                        .reason = found.text(row, 9)};
    rollout_progress at{found.text(row, 14), static_cast<std::uint32_t>(found.integer(row, 15)), found.time(row, 16),
                        found.time(row, 17), found.text(row, 18)};
    return rollout_record{*id,
                          std::move(wanted),
                          {},
                          *by,
                          found.time(row, 11),
                          found.texts(row, 19),
                          found.text(row, 12),
                          found.text(row, 13),
                          std::move(at)};
}

asio::awaitable<result<void>> add_targets(database& database, std::vector<rollout_record>& to)
{
    std::vector<std::int32_t> ids;
    for (auto const& each : to) ids.push_back(each.id.value());
    auto const found = co_await database.connections().run(
        "select rollout_id, path, model, length, sha256, release from rollout_target where rollout_id = any($1::int[]) "
        "order by path",
        parameters::of(ids));
    if (!found) co_return found.error();
    for (int row = 0; row < found->count(); ++row) {
        auto const owner = std::find_if(to.begin(), to.end(),
                                        [&](auto const& each) { return each.id.value() == found->integer(row, 0); });
        if (owner == to.end()) continue;
        owner->targets.push_back({found->text(row, 1), found->text(row, 2),
                                  static_cast<std::uint64_t>(found->integer(row, 3)), found->octets(row, 4),
                                  static_cast<std::uint64_t>(found->integer(row, 5))});
    }
    co_return result<void>{};
}

/// Why nothing was changed: there is no such rollout, or it is not as it would have to be.
asio::awaitable<result<void>> not_done(database& database, rollout_id id)
{
    auto const found =
        co_await database.connections().run("select from rollout where id = $1::int", parameters::of(id.value()));
    if (!found) co_return found.error();
    co_return found->empty() ? errc::not_found : errc::conflict;
}

}  // namespace

asio::awaitable<result<std::vector<rollout_record>>> rollouts_where(database& database, approvers named,
                                                                    std::string condition, parameters values)
{
    auto const found = co_await database.connections().run(select_rollouts(named) + condition, std::move(values));
    if (!found) co_return found.error();
    std::vector<rollout_record> out;
    for (int row = 0; row < found->count(); ++row) {
        auto one = rollout_from(*found, row);
        if (!one) co_return one.error();
        out.push_back(std::move(*one));
    }
    if (out.empty()) co_return std::move(out);
    auto const complete = co_await add_targets(database, out);
    if (!complete) co_return complete.error();
    co_return std::move(out);
}

asio::awaitable<result<rollout_id>> create_rollout(database& database, rollout_wish wanted,
                                                   std::vector<std::string> paths, account_id by)
{
    constexpr char sql[] =
        "with made as (insert into rollout (mode, waves, lab_tag, soak, back_within, deadline, limits, seed, reason, "
        "    created_by) "
        "  values ($1, $2, $3, $4::bigint, $5::bigint, $6::bigint, $7::int[], $8::bigint, $9, $10::int) returning id), "
        "aimed as (insert into rollout_target (rollout_id, path) select id, p from made, unnest($11::text[]) as p), "
        "logged as (insert into rollout_event (rollout_id, account_id, said) select id, $10::int, 'created' from made) "
        "select id from made";
    auto const made = co_await database.connections().run(
        sql, parameters::of(wanted.mode, wanted.waves, wanted.lab_tag, static_cast<std::int64_t>(wanted.soak.count()),
                            static_cast<std::int64_t>(wanted.back_within.count()),
                            static_cast<std::int64_t>(wanted.deadline.count()), wanted.limits, wanted.seed,
                            wanted.reason, by.value(), paths));
    if (!made) co_return made.error();
    co_return rollout_id::from(made->integer(0, 0));
}

asio::awaitable<result<std::vector<rollout_record>>> list_rollouts(database& database, std::uint32_t most)
{
    return rollouts_where(database, approvers::by_address, "order by r.id desc limit $1::int", parameters::of(most));
}

asio::awaitable<result<rollout_record>> find_rollout(database& database, rollout_id id)
{
    auto found =
        co_await rollouts_where(database, approvers::by_address, "where r.id = $1::int", parameters::of(id.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return std::move(found->front());
}

asio::awaitable<result<void>> approve_rollout(database& database, rollout_id id, account_id by)
{
    constexpr char sql[] =
        "with made as (insert into rollout_approval (rollout_id, account_id) "
        "  select id, $2::int from rollout where id = $1::int and phase = 'waiting' "
        "  on conflict do nothing returning rollout_id) "
        "insert into rollout_event (rollout_id, account_id, said) select rollout_id, $2::int, 'approved' from made";
    auto const made = co_await database.connections().run(sql, parameters::of(id.value(), by.value()));
    if (!made) co_return made.error();
    if (made->affected() == 0) co_return co_await not_done(database, id);
    co_return result<void>{};
}

asio::awaitable<result<void>> steer_rollout(database& database, rollout_id id, std::string wish, std::string because,
                                            account_id by)
{
    constexpr char sql[] =
        "with made as (update rollout set wish = $2, wished_because = $3, wished_by = $4::int "
        "  where id = $1::int and wish <> $2 and wish <> 'halt' and phase <> 'halted' "
        "  and (phase <> 'complete' or $2 = 'halt') returning id) "
        "insert into rollout_event (rollout_id, account_id, said) select id, $4::int, "
        "  'wants it to ' || $2 || case when $3 = '' then '' else ': ' || $3 end from made";
    auto const made = co_await database.connections().run(sql, parameters::of(id.value(), wish, because, by.value()));
    if (!made) co_return made.error();
    if (made->affected() == 0) co_return co_await not_done(database, id);
    co_return result<void>{};
}

asio::awaitable<result<std::vector<rollout_count>>> count_rollout(database& database, rollout_id id)
{
    auto const found = co_await database.connections().run(
        "select wave, stage, count(*) from rollout_probe where rollout_id = $1::int group by 1, 2 order by 1, 2",
        parameters::of(id.value()));
    if (!found) co_return found.error();
    std::vector<rollout_count> out;
    for (int row = 0; row < found->count(); ++row) {
        out.push_back({static_cast<std::uint32_t>(found->integer(row, 0)), found->text(row, 1),
                       static_cast<std::uint32_t>(found->integer(row, 2))});
    }
    co_return std::move(out);
}

asio::awaitable<result<std::vector<rollout_trouble>>> troubles_of(database& database, rollout_id id, std::uint32_t most)
{
    auto const found = co_await database.connections().run(
        "select probe_id, stage, cause, micros(since) from rollout_probe where rollout_id = $1::int and stage in "
        "('failed', 'silent') order by since desc, probe_id limit $2::int",
        parameters::of(id.value(), most));
    if (!found) co_return found.error();
    std::vector<rollout_trouble> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const probe = probe_id::from(found->integer(row, 0));
        if (!probe) co_return probe.error();
        out.push_back({*probe, found->text(row, 1), found->text(row, 2), found->time(row, 3)});
    }
    co_return std::move(out);
}

asio::awaitable<result<std::vector<rollout_event>>> rollout_history(database& database, rollout_id id,
                                                                    std::uint32_t most)
{
    auto const found = co_await database.connections().run(
        "select micros(e.at), coalesce(a.email, ''), e.said from rollout_event e left join account a on a.id = "
        "e.account_id where e.rollout_id = $1::int order by e.id desc limit $2::int",
        parameters::of(id.value(), most));
    if (!found) co_return found.error();
    std::vector<rollout_event> out;
    for (int row = 0; row < found->count(); ++row)
        out.push_back({found->time(row, 0), found->text(row, 1), found->text(row, 2)});
    co_return std::move(out);
}

}  // namespace tp::store
