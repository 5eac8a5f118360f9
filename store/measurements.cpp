#include "store/measurements.hpp"

#include <algorithm>

#include "proto/codec.hpp"
#include "proto/kind_names.hpp"
#include "proto/planned_rate.hpp"
#include "store/condition_sql.hpp"
#include "store/pool.hpp"
#include "store/target_check.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::chrono::minutes one_off_life{10};  // clients of the Atlas API count on it

/// Measurements with what is not a column of theirs: their status as of now, and when they end or have ended.
constexpr char all_measurements[] =
    "from (select m.*, least(m.stopped_at, m.ends_at) as stop_time, "
    "  case when m.stopped_at is not null or m.ends_at <= now() then 4 "
    "    when not exists (select from participant p where p.measurement_id = m.id and p.until is null) then 6 "
    "    when m.start_time > now() then 1 else 2 end as status from measurement m) m ";

/// What record_from below reads, in its order.
constexpr char columns[] =
    "m.id, m.job, m.owner_id, m.description, m.is_public, m.tags, m.probe_sources, m.group_id, m.probes_requested, "
    "(select count(*) from participant p where p.measurement_id = m.id and p.until is null), micros(m.created_at), "
    "micros(least(m.stopped_at, case when m.ends_at <= now() then m.ends_at end)), micros(m.start_time), m.status, "
    "blocking_case(m.address, m.target), micros(m.stop_time)";

result<measurement_record> record_from(rows const& found, int row)
{
    auto const id = measurement_id::from(found.integer(row, 0));
    if (!id) return id.error();
    auto job = proto::decode_job(found.octets(row, 1));
    if (!job) return job.error();
    auto const owner = account_id::from(found.integer(row, 2));
    if (!owner) return owner.error();
    job->measurement = *id;
    measurement_record out{.id = *id, .job = std::move(*job), .owner = *owner};
    out.description = found.text(row, 3);
    out.is_public = found.flag(row, 4);
    out.tags = found.texts(row, 5);
    out.probe_sources = found.text(row, 6);
    if (!found.null(row, 7)) out.group = *measurement_id::from(found.integer(row, 7));
    out.probes_requested = static_cast<std::uint32_t>(found.integer(row, 8));
    out.participants = static_cast<std::uint32_t>(found.integer(row, 9));
    out.created = found.time(row, 10);
    out.stops = found.optional_time(row, 15);
    out.status = static_cast<measurement_status>(found.integer(row, 13));
    if (!found.null(row, 14)) out.paused_by = *abuse_case_id::from(found.integer(row, 14));
    auto const since =
        out.status == measurement_status::ongoing ? std::max(found.time(row, 12), out.created) : out.created;
    out.status_since = found.optional_time(row, 11).value_or(since);
    return out;
}

std::vector<std::int32_t> numbers_of(std::vector<probe_id> const& probes)
{
    std::vector<std::int32_t> out;
    for (auto const probe : probes) out.push_back(probe.value());
    return out;
}

parameters values_of(new_measurement const& wanted, std::int32_t id, std::optional<std::int32_t> group)
{
    auto job = wanted.job;
    job.measurement = *measurement_id::from(id);
    auto const& when = job.when;
    auto const ends = when.interval ? when.stop : std::optional(std::max(when.start, wall_now()) + one_off_life);
    parameters values;
    values.add(id);
    values.add(wanted.owner.value());
    values.add(group);
    values.add(std::string(proto::names_of(proto::kind_of(job.options)).type));
    values.add(static_cast<std::int32_t>(job.af));
    values.add(job.target);
    values.add_octets(proto::encode(job));
    values.add(wanted.description);
    values.add(wanted.is_public);
    values.add(wanted.tags);
    values.add(wanted.probe_sources);
    values.add(wanted.probes_requested);
    values.add(!when.interval.has_value());
    values.add(when.start);
    values.add(ends);
    values.add(numbers_of(wanted.participants));
    values.add(wanted.protocol);
    values.add(job.address ? std::optional(job.address->to_string()) : std::nullopt);
    values.add(proto::packets_per_second(job));
    values.add(wanted.canary.empty() ? std::nullopt : std::optional(wanted.canary));
    values.add(wanted.look_up.empty() ? std::nullopt : std::optional(wanted.look_up));
    values.add(when.interval ? std::optional<std::int64_t>(when.interval->count()) : std::nullopt);
    return values;
}

asio::awaitable<result<void>> insert_one(connection& link, new_measurement const& wanted, std::int32_t id,
                                         std::optional<std::int32_t> group)
{
    constexpr char insert[] =
        "with made as (insert into measurement (id, owner_id, group_id, kind, af, target, job, description, is_public, "
        "    tags, probe_sources, probes_requested, is_oneoff, start_time, ends_at, protocol, address, packet_rate, "
        "    canary, is_canary, look_up, interval_s) "
        "  values ($1::int, $2::int, $3::int, $4, $5::int, $6, $7::bytea, $8, $9::bool, $10::text[], $11, $12::int, "
        "    $13::bool, moment($14::bigint), moment($15::bigint), $17, $18::inet, $19::float8, $20, $20::text is not "
        "    null, $21, $22::int) returning id) "
        "insert into participant (measurement_id, probe_id) select made.id, p from made, (select distinct "
        "unnest($16::int[])) as x(p)";
    auto const made = co_await link.run(insert, values_of(wanted, id, group));
    if (!made) co_return made.error();
    co_return result<void>{};
}

/// All of them, until one is refused; then it is only looked at what else is.
asio::awaitable<result<std::vector<target_refusal>>> insert_all(connection& link,
                                                                std::vector<new_measurement> const& wanted,
                                                                std::vector<std::int32_t> const& ids, target_caps caps)
{
    std::vector<target_load> loads;
    for (auto const& one : wanted) loads.push_back(load_of(one.job, one.participants.size()));
    auto const locked = co_await lock_targets(link, loads);
    if (!locked) co_return locked.error();
    auto const group = ids.size() > 1 ? std::optional(ids.front()) : std::nullopt;
    std::vector<target_refusal> refused;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto judged = co_await judge_target(link, loads[i], caps);
        if (!judged) co_return judged.error();
        if (*judged) {
            (*judged)->which = i;
            refused.push_back(std::move(**judged));
        }
        if (!refused.empty()) continue;
        auto const inserted = co_await insert_one(link, wanted[i], ids[i], group);
        if (!inserted) co_return inserted.error();
    }
    if (!refused.empty()) co_return std::move(refused);
    // Last: the announcement takes the lock under which numbers are given.
    auto const told =
        co_await link.run("select announce('measurement', id) from unnest($1::int[]) as id", parameters::of(ids));
    if (!told) co_return told.error();
    co_return std::move(refused);
}

asio::awaitable<result<std::vector<measurement_id>>> next_numbers(connection& link, std::size_t count)
{
    auto const numbers = co_await link.run("select nextval('measurement_number') from generate_series(1, $1::int)",
                                           parameters::of(static_cast<std::int32_t>(count)));
    if (!numbers) co_return numbers.error();
    std::vector<measurement_id> out;
    for (int row = 0; row < numbers->count(); ++row) {
        auto const id = measurement_id::from(numbers->integer(row, 0));
        if (!id) co_return id.error();
        out.push_back(*id);
    }
    co_return std::move(out);
}

char const* expression_of(measurement_column column) noexcept
{
    switch (column) {
        case measurement_column::id:
            return "m.id";
        case measurement_column::type:
            return "m.kind";
        case measurement_column::af:
            return "m.af";
        case measurement_column::protocol:
            return "m.protocol";
        case measurement_column::target:
            return "m.target";
        case measurement_column::address:
            return "m.address";
        case measurement_column::asn:
            return "null::bigint";
        case measurement_column::searched:
            return "case when m.kind = 'dns' then m.description else m.target end";
        case measurement_column::description:
            return "m.description";
        case measurement_column::tags:
            return "m.tags";
        case measurement_column::group:
            return "m.group_id";
        case measurement_column::start_time:
            return "floor(extract(epoch from m.start_time))::bigint";
        case measurement_column::stop_time:
            return "floor(extract(epoch from m.stop_time))::bigint";
        case measurement_column::interval:
            return "m.interval_s";
        case measurement_column::is_oneoff:
            return "m.is_oneoff";
        case measurement_column::is_public:
            return "m.is_public";
        case measurement_column::status:
            return "m.status";
        case measurement_column::status_name:
            return "array_position('{6,2,1,4}'::int[], m.status)";  // "No suitable probes", "Ongoing", ...
    }
    return "null";
}

/// From "from" on, without an order.
statement matching(measurement_filter const& filter)
{
    auto const number = [](std::optional<account_id> id) { return id ? std::optional(id->value()) : std::nullopt; };
    std::vector<std::int32_t> statuses;
    for (auto const status : filter.statuses) statuses.push_back(static_cast<std::int32_t>(status));
    statement out{std::string(all_measurements) +
                      "where ($1::int is null or m.owner_id = $1::int) "
                      "and ($2::bool or m.is_public or m.owner_id = $3::int) "
                      "and (cardinality($4::int[]) = 0 or m.id = any($4::int[])) "
                      "and (cardinality($5::int[]) = 0 or m.status = any($5::int[])) "
                      "and (cardinality($6::int[]) = 0 or m.id in (select measurement_id from participant "
                      "  where probe_id = any($6::int[]) and until is null))",
                  parameters::of(number(filter.owner), filter.all, number(filter.visible_to), filter.ids, statuses,
                                 filter.participants)};
    append_conditions(out, filter.where, expression_of);
    return out;
}

std::string order_of(measurement_filter const& filter)
{
    std::string const direction = filter.descending ? " desc" : "";
    return std::string(" order by ") + expression_of(filter.sort) + direction + ", m.id" + direction;
}

}  // namespace

asio::awaitable<result<creation>> create_measurements(database& database, std::vector<new_measurement> wanted,
                                                      target_caps caps)
{
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto& link = **held;
    creation out;
    auto numbers = co_await next_numbers(link, wanted.size());
    if (!numbers) co_return numbers.error();
    out.made = std::move(*numbers);
    std::vector<std::int32_t> ids;
    for (auto const id : out.made) ids.push_back(id.value());
    auto const begun = co_await link.script("begin");
    if (!begun) co_return begun.error();
    auto inserted = co_await insert_all(link, wanted, ids, caps);
    if (!inserted || !inserted->empty()) {
        [[maybe_unused]] auto const undone = co_await link.script("rollback");
        if (!inserted) co_return inserted.error();
        out.made.clear();
        out.refused = std::move(*inserted);
        co_return std::move(out);
    }
    auto const committed = co_await link.script("commit");
    if (!committed) co_return committed.error();
    co_return std::move(out);
}

asio::awaitable<result<measurement_record>> find_measurement(database& database, measurement_id id)
{
    auto const found = co_await database.connections().run(
        std::string("select ") + columns + ' ' + all_measurements + "where m.id = $1::int", parameters::of(id.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return record_from(*found, 0);
}

asio::awaitable<result<measurement_page>> list_measurements(database& database, measurement_filter filter)
{
    auto wanted = matching(filter);
    auto const counted = co_await database.connections().run("select count(*) " + wanted.sql, wanted.values);
    if (!counted) co_return counted.error();
    measurement_page out;
    out.count = static_cast<std::uint64_t>(counted->integer(0, 0));
    auto const behind = filter.descending ? comparison::less : comparison::more;
    if (filter.after) append_condition(wanted, "m.id", behind, *filter.after);
    auto sql = std::string("select ") + columns + ' ' + wanted.sql + order_of(filter) + " limit " +
               std::to_string(filter.limit) + " offset " + std::to_string(filter.offset);
    auto const found = co_await database.connections().run(std::move(sql), wanted.values);
    if (!found) co_return found.error();
    for (int row = 0; row < found->count(); ++row) {
        auto record = record_from(*found, row);
        if (!record) co_return record.error();
        out.rows.push_back(std::move(*record));
    }
    co_return std::move(out);
}

asio::awaitable<result<usage>> measurement_usage(database& database, account_id account, std::string target)
{
    auto const found = co_await database.connections().run(
        "select (select count(*) from measurement where owner_id = $1::int and stopped_at is null "
        "          and (ends_at is null or ends_at > now())), "
        "       (select count(*) from measurement where target = $2 and stopped_at is null "
        "          and (ends_at is null or ends_at > now()))",
        parameters::of(account.value(), target));
    if (!found) co_return found.error();
    co_return usage{static_cast<std::uint32_t>(found->integer(0, 0)), static_cast<std::uint32_t>(found->integer(0, 1))};
}

}  // namespace tp::store
