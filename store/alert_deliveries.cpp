#include "store/alert_deliveries.hpp"

#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::size_t longest_error = 300;  // octets

alert_record alert_from(rows const& found, int row)
{
    return {found.integer(row, 0),
            found.time(row, 1),
            {found.text(row, 2), found.text(row, 3), found.text(row, 4), found.text(row, 5)}};
}

/// What was raised meanwhile begins to wait.
asio::awaitable<result<void>> queue_new(database& database, std::string const& receiver)
{
    auto const known = co_await database.connections().run(
        "insert into alert_receiver (name) values ($1) on conflict do nothing", parameters::of(receiver));
    if (!known) co_return known.error();
    auto const queued = co_await database.connections().run(
        "insert into alert_delivery (alert_id, receiver) select a.id, r.name from alert a join alert_receiver r on "
        "r.name = $1 where a.at >= r.since and not exists (select from alert_delivery d where d.alert_id = a.id and "
        "d.receiver = r.name) on conflict do nothing",
        parameters::of(receiver));
    if (!queued) co_return queued.error();
    co_return result<void>{};
}

}  // namespace

asio::awaitable<result<std::vector<due_alert>>> due_alerts(database& database, std::string receiver, std::uint32_t most)
{
    auto const queued = co_await queue_new(database, receiver);
    if (!queued) co_return queued.error();
    auto const found = co_await database.connections().run(
        "select a.id, micros(a.at), a.kind, a.subject, a.rule, a.said, d.attempts from alert_delivery d join alert a "
        "on a.id = d.alert_id where d.receiver = $1 and d.delivered_at is null and d.given_up_at is null and "
        "d.next_at <= now() order by a.id limit $2::int",
        parameters::of(receiver, most));
    if (!found) co_return found.error();
    std::vector<due_alert> out;
    for (int row = 0; row < found->count(); ++row)
        out.push_back({alert_from(*found, row), static_cast<std::uint32_t>(found->integer(row, 6))});
    co_return std::move(out);
}

asio::awaitable<result<void>> note_delivery(database& database, std::int64_t alert, std::string receiver,
                                            delivery_outcome outcome)
{
    using enum delivery_outcome::kind;
    if (outcome.error.size() > longest_error) outcome.error.resize(longest_error);
    auto const done = co_await database.connections().run(
        "update alert_delivery set attempts = attempts + 1, "
        "delivered_at = case when $3::bool then now() end, given_up_at = case when $4::bool then now() end, "
        "last_error = nullif($5, ''), next_at = now() + $6::bigint * interval '1 millisecond' "
        "where alert_id = $1::bigint and receiver = $2",
        parameters::of(alert, receiver, outcome.is == taken, outcome.is == given_up, outcome.error,
                       static_cast<std::int64_t>(outcome.pause.count())));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<alert_page>> list_told_alerts(database& database, std::uint32_t offset, std::uint32_t limit)
{
    auto const counted = co_await database.connections().run("select count(*) from alert");
    if (!counted) co_return counted.error();
    auto const found = co_await database.connections().run(
        "select a.id, micros(a.at), a.kind, a.subject, a.rule, a.said, d.receiver, d.attempts, "
        "micros(d.delivered_at), micros(d.given_up_at), d.last_error from (select * from alert order by id desc limit "
        "$1::bigint offset $2::bigint) a left join alert_delivery d on d.alert_id = a.id order by a.id desc, "
        "d.receiver",
        parameters::of(static_cast<std::int64_t>(limit), static_cast<std::int64_t>(offset)));
    if (!found) co_return found.error();
    alert_page out;
    out.count = static_cast<std::uint64_t>(counted->integer(0, 0));
    for (int row = 0; row < found->count(); ++row) {
        auto const number = found->integer(row, 0);
        if (out.rows.empty() || out.rows.back().what.number != number)
            out.rows.push_back({alert_from(*found, row), {}});
        if (found->null(row, 6)) continue;
        out.rows.back().deliveries.push_back({found->text(row, 6), static_cast<std::uint32_t>(found->integer(row, 7)),
                                              found->optional_time(row, 8), found->optional_time(row, 9),
                                              found->optional_text(row, 10).value_or("")});
    }
    co_return std::move(out);
}

}  // namespace tp::store
