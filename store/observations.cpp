#include "store/observations.hpp"

#include "proto/codec.hpp"
#include "proto/kind_names.hpp"
#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

std::uint32_t count_at(rows const& found, int row, int column)
{
    return static_cast<std::uint32_t>(found.integer(row, column));
}

std::optional<std::uint32_t> as_at(rows const& found, int row, int column)
{
    if (found.null(row, column)) return std::nullopt;
    return count_at(found, row, column);
}

result<seen_session> session_from(rows const& found, int row)
{
    auto const probe = probe_id::from(found.integer(row, 0));
    if (!probe) return probe.error();
    auto const controller = controller_id::from(found.integer(row, 1));
    if (!controller) return controller.error();
    auto const address = parse_address(found.text(row, 2));
    if (!address) return address.error();
    seen_session out{.probe = *probe, .controller = *controller, .address = *address};
    out.asn = as_at(found, row, 3);
    out.country = found.text(row, 4);
    out.opened = found.time(row, 5);
    out.closed = found.optional_time(row, 6);
    out.reason = found.optional_text(row, 7).value_or("");
    out.by_platform = found.flag(row, 8);
    if (!found.null(row, 9)) out.boot_count = count_at(found, row, 9);
    out.still_answered = found.flag(row, 10);
    return out;
}

result<anchor_site> site_from(rows const& found, int row)
{
    auto const id = anchor_id::from(found.integer(row, 0));
    if (!id) return id.error();
    anchor_site out{.id = *id, .name = found.text(row, 1)};
    for (auto const& text : found.texts(row, 2)) {
        auto const address = parse_address(text);
        if (!address) return address.error();
        out.addresses.push_back(*address);
    }
    out.latitude = found.real(row, 3);
    out.longitude = found.real(row, 4);
    out.as_v4 = as_at(found, row, 5);
    out.as_v6 = as_at(found, row, 6);
    return out;
}

/// Every row by `read`, which answers a result. Errors: its first.
template <class T, class Read>
result<std::vector<T>> all_of(result<rows> const& found, Read read)
{
    if (!found) return found.error();
    std::vector<T> out;
    out.reserve(static_cast<std::size_t>(found->count()));
    for (int row = 0; row < found->count(); ++row) {
        result<T> one = read(*found, row);
        if (!one) return one.error();
        out.push_back(std::move(*one));
    }
    return out;
}

}  // namespace

asio::awaitable<result<std::vector<seen_session>>> sessions_in(database& database, time_span span)
{
    auto const found = co_await database.connections().run(
        "select probe_id, controller_id, host(address), asn, country, micros(opened_at), micros(closed_at), reason, "
        "by_platform, boot_count, still_answered from probe_session where opened_at < moment($2::bigint) and "
        "(closed_at is null or closed_at >= moment($1::bigint)) order by probe_id, opened_at, id",
        parameters::of(span.from, span.to));
    co_return all_of<seen_session>(found, session_from);
}

asio::awaitable<result<std::vector<seen_deliveries>>> deliveries_in(database& database, time_span span)
{
    constexpr char sql[] =
        "select probe_id, count(*), count(*) - count(distinct seq), sum(octet_length(payload)), "
        "micros(timestamptz 'epoch' + min(stored_at - ts)) from ("
        "select probe_id, seq, payload, stored_at, ts from result_hot "
        "  where ts >= moment($1::bigint) and ts < moment($2::bigint) union all "
        "select probe_id, seq, payload, stored_at, ts from result_late "
        "  where ts >= moment($1::bigint) and ts < moment($2::bigint)) r group by probe_id";
    auto const found = co_await database.connections().run(sql, parameters::of(span.from, span.to));
    co_return all_of<seen_deliveries>(found, [](rows const& from, int row) -> result<seen_deliveries> {
        auto const probe = probe_id::from(from.integer(row, 0));
        if (!probe) return probe.error();
        return seen_deliveries{*probe, count_at(from, row, 1), count_at(from, row, 2),
                               static_cast<std::uint64_t>(from.integer(row, 3)),
                               std::chrono::microseconds(from.integer(row, 4))};
    });
}

asio::awaitable<result<std::vector<seen_refusals>>> refusals_in(database& database, time_span span)
{
    // The controller's words (controller/intake.cpp): "the report cannot be read", "... is too large", "... cannot
    // be stored".
    auto const found = co_await database.connections().run(
        "select probe_id, count(*) filter (where reason not like 'the report %'), "
        "count(*) filter (where reason like 'the report %') from result_refused "
        "where at >= moment($1::bigint) and at < moment($2::bigint) group by probe_id",
        parameters::of(span.from, span.to));
    co_return all_of<seen_refusals>(found, [](rows const& from, int row) -> result<seen_refusals> {
        auto const probe = probe_id::from(from.integer(row, 0));
        if (!probe) return probe.error();
        return seen_refusals{*probe, count_at(from, row, 1), count_at(from, row, 2)};
    });
}

asio::awaitable<result<std::vector<seen_program>>> programs_in(database& database, time_span span)
{
    auto const found = co_await database.connections().run(
        "select f.probe_id, micros(f.reported_at), f.model, f.target, f.release, f.sha256, f.standing = 2, "
        "f.failed_release from firmware_state f where f.model <> '' and length(f.sha256) = 32 and "
        "f.reported_at < moment($1::bigint) and f.reported_at >= (select max(s.opened_at) from probe_session s "
        "  where s.probe_id = f.probe_id and s.opened_at < moment($1::bigint)) order by f.probe_id",
        parameters::of(span.to));
    co_return all_of<seen_program>(found, [](rows const& from, int row) -> result<seen_program> {
        auto const probe = probe_id::from(from.integer(row, 0));
        if (!probe) return probe.error();
        return seen_program{*probe,
                            from.time(row, 1),
                            from.text(row, 2),
                            from.text(row, 3),
                            static_cast<std::uint64_t>(from.integer(row, 4)),
                            from.octets(row, 5),
                            from.flag(row, 6),
                            static_cast<std::uint64_t>(from.integer(row, 7))};
    });
}

asio::awaitable<result<std::vector<proto::job>>> jobs_in(database& database, time_span span)
{
    auto const found = co_await database.connections().run(
        "select id, job from measurement where start_time < moment($2::bigint) and "
        "(ends_at is null or ends_at > moment($1::bigint)) and (stopped_at is null or stopped_at > moment($1::bigint)) "
        "order by id",
        parameters::of(span.from, span.to));
    co_return all_of<proto::job>(found, [](rows const& from, int row) -> result<proto::job> {
        auto const id = measurement_id::from(from.integer(row, 0));
        if (!id) return id.error();
        auto job = proto::decode_job(from.octets(row, 1));
        if (job) job->measurement = *id;
        return job;
    });
}

asio::awaitable<result<std::vector<planned_runs>>> runs_in(database& database, time_span span,
                                                           std::vector<proto::job> jobs)
{
    std::vector<std::int32_t> measurements, intervals;
    std::vector<std::string> capabilities;
    for (auto const& job : jobs) {
        measurements.push_back(job.measurement.value());
        intervals.push_back(job.when.interval ? static_cast<std::int32_t>(job.when.interval->count()) : 0);
        capabilities.push_back(proto::capability_for(proto::kind_of(job.options), job.af));
    }
    // A run at either end of the span may fall to its other side: one fewer, or one more.
    constexpr char sql[] =
        "with plan as (select * from unnest($3::int[], $4::int[], $5::text[]) as p(id, seconds, capability)), "
        "part as (select t.probe_id, p.seconds, extract(epoch from "
        "    least(moment($2::bigint), t.until, m.ends_at, m.stopped_at) - "
        "    greatest(moment($1::bigint), t.since, m.start_time)) as length "
        "  from plan p join measurement m on m.id = p.id join participant t on t.measurement_id = p.id "
        "  join probe b on b.id = t.probe_id "
        "  where (m.is_canary or measures(b.trust)) and p.capability = any(b.capabilities)) "
        "select probe_id, "
        "  sum(case when seconds = 0 then 0 else greatest(floor(length / seconds) - 1, 0) end)::bigint, "
        "  sum(case when seconds = 0 then 1 else floor(length / seconds) + 1 end)::bigint "
        "from part where length > 0 group by probe_id";
    auto const found = co_await database.connections().run(
        sql, parameters::of(span.from, span.to, measurements, intervals, capabilities));
    co_return all_of<planned_runs>(found, [](rows const& from, int row) -> result<planned_runs> {
        auto const probe = probe_id::from(from.integer(row, 0));
        if (!probe) return probe.error();
        return planned_runs{*probe, count_at(from, row, 1), count_at(from, row, 2)};
    });
}

asio::awaitable<result<std::vector<anchor_site>>> anchor_sites(database& database)
{
    auto const found = co_await database.connections().run(
        "select id, name, array(select host(a) from unnest(addresses) a), latitude, longitude, as_v4, as_v6 "
        "from anchor where ended_at is null and latitude is not null and longitude is not null order by id");
    co_return all_of<anchor_site>(found, site_from);
}

}  // namespace tp::store
