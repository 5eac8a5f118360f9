#include "base/log.hpp"
#include "proto/codec.hpp"
#include "store/measurements.hpp"
#include "store/pool.hpp"
#include "store/target_check.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

std::vector<std::int32_t> numbers_of(std::vector<probe_id> const& probes)
{
    std::vector<std::int32_t> out;
    for (auto const probe : probes) out.push_back(probe.value());
    return out;
}

result<std::vector<probe_id>> probes_from(rows const& found)
{
    std::vector<probe_id> out;
    for (int row = 0; row < found.count(); ++row) {
        auto const id = probe_id::from(found.integer(row, 0));
        if (!id) return id.error();
        out.push_back(*id);
    }
    return out;
}

/// Runs a change of one measurement and announces it, in one transaction. Errors: errc::not_found when no row changed.
asio::awaitable<result<void>> change_and_announce(database& database, measurement_id id, std::string sql,
                                                  parameters values)
{
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto& link = **held;
    auto const begun = co_await link.script("begin");
    if (!begun) co_return begun.error();
    auto const changed = co_await link.run(std::move(sql), std::move(values));
    if (!changed) co_return changed.error();
    if (changed->affected() == 0) {
        [[maybe_unused]] auto const undone = co_await link.script("rollback");
        co_return errc::not_found;
    }
    auto const told = co_await link.run("select announce('measurement', $1::int)", parameters::of(id.value()));
    if (!told) co_return told.error();
    co_return co_await link.script("commit");
}

/// What a controller hands out: not stopped, not over, and not to be left alone.
constexpr char running[] =
    "m.stopped_at is null and (m.ends_at is null or m.ends_at > now()) and blocking_case(m.address, m.target) is null";

result<proto::job> job_from(rows const& found, int row)
{
    auto const id = measurement_id::from(found.integer(row, 0));
    if (!id) return id.error();
    auto job = proto::decode_job(found.octets(row, 1));
    if (job) job->measurement = *id;
    return job;
}

/// Whether the measurement's target takes so many probes more.
asio::awaitable<result<std::optional<target_refusal>>> judge_more(connection& link, measurement_id id,
                                                                  std::vector<probe_id> const& probes, target_caps caps)
{
    auto const found = co_await link.run(
        "select id, job, (select count(*) from (select distinct unnest($2::int[])) x(p) where not exists (select from "
        "participant o where o.measurement_id = m.id and o.probe_id = p and o.until is null)) from measurement m where "
        "id = $1::int",
        parameters::of(id.value(), numbers_of(probes)));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    auto const job = job_from(*found, 0);
    if (!job) co_return job.error();
    auto const load = load_of(*job, static_cast<std::size_t>(found->integer(0, 2)));
    std::vector<target_load> const loads{load};
    auto const locked = co_await lock_targets(link, loads);
    if (!locked) co_return locked.error();
    co_return co_await judge_target(link, load, caps);
}

/// How many of them took part until now.
asio::awaitable<result<std::uint64_t>> let_leave(connection& link, measurement_id id,
                                                 std::vector<probe_id> const& probes)
{
    if (probes.empty()) co_return std::uint64_t{0};
    auto const done = co_await link.run(
        "update participant set until = now() where measurement_id = $1::int and probe_id = any($2::int[]) and until "
        "is null",
        parameters::of(id.value(), numbers_of(probes)));
    if (!done) co_return done.error();
    co_return done->affected();
}

/// Nobody joins when the target refuses more.
asio::awaitable<result<std::optional<target_refusal>>> let_join(connection& link, measurement_id id,
                                                                std::vector<probe_id> const& probes, target_caps caps)
{
    std::optional<target_refusal> refused;
    if (probes.empty()) co_return refused;
    auto judged = co_await judge_more(link, id, probes, caps);
    if (!judged || *judged) co_return judged;
    auto const added = co_await link.run(
        "insert into participant (measurement_id, probe_id) select $1::int, p from (select distinct unnest($2::int[])) "
        "as x(p) on conflict (measurement_id, probe_id) do update set until = null",
        parameters::of(id.value(), numbers_of(probes)));
    if (!added) co_return added.error();
    co_return refused;
}

}  // namespace

asio::awaitable<result<void>> stop_measurement(database& database, measurement_id id)
{
    std::string sql = "update measurement set stopped_at = coalesce(stopped_at, now()) where id = $1::int";
    co_return co_await change_and_announce(database, id, std::move(sql), parameters::of(id.value()));
}

asio::awaitable<result<void>> change_measurement(database& database, measurement_id id, measurement_change change)
{
    auto const done = co_await database.connections().run(
        "update measurement set description = coalesce($2, description), tags = coalesce($3::text[], tags), "
        "is_public = is_public or $4::bool where id = $1::int",
        parameters::of(id.value(), change.description, change.tags, change.make_public));
    if (!done) co_return done.error();
    if (done->affected() == 0) co_return errc::not_found;
    co_return result<void>{};
}

asio::awaitable<result<std::vector<probe_id>>> participants_of(database& database, measurement_id id)
{
    auto const found = co_await database.connections().run(
        "select probe_id from participant where measurement_id = $1::int and until is null order by probe_id",
        parameters::of(id.value()));
    if (!found) co_return found.error();
    co_return probes_from(*found);
}

asio::awaitable<result<std::optional<target_refusal>>> change_participants(database& database, measurement_id id,
                                                                           participation_change change,
                                                                           target_caps caps)
{
    std::optional<target_refusal> refused;
    if (change.leaving.empty() && change.joining.empty()) co_return refused;
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto& link = **held;
    auto const begun = co_await link.script("begin");
    if (!begun) co_return begun.error();
    // Those who leave make room for those who join.
    auto const left = co_await let_leave(link, id, change.leaving);
    if (!left) co_return left.error();
    auto judged = co_await let_join(link, id, change.joining, caps);
    if (!judged || *judged) {
        [[maybe_unused]] auto const undone = co_await link.script("rollback");
        co_return judged;
    }
    if (*left > 0 || !change.joining.empty()) {
        auto const told = co_await link.run("select announce('measurement', $1::int)", parameters::of(id.value()));
        if (!told) co_return told.error();
    }
    auto const committed = co_await link.script("commit");
    if (!committed) co_return committed.error();
    co_return refused;
}

asio::awaitable<result<std::optional<target_refusal>>> add_participants(database& database, measurement_id id,
                                                                        std::vector<probe_id> probes, target_caps caps)
{
    participation_change change{{}, std::move(probes)};
    co_return co_await change_participants(database, id, std::move(change), caps);
}

asio::awaitable<result<void>> remove_participants(database& database, measurement_id id, std::vector<probe_id> probes)
{
    participation_change change{std::move(probes), {}};
    auto const done = co_await change_participants(database, id, std::move(change), no_target_caps);
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<std::vector<proto::job>>> jobs_of(database& database, probe_id probe)
{
    auto const found = co_await database.connections().run(
        std::string("select m.id, m.job from participant p join measurement m on m.id = p.measurement_id "
                    "join probe b on b.id = p.probe_id where p.probe_id = $1::int and p.until is null "
                    "and (m.is_canary or measures(b.trust)) and ") +
            running + " order by m.id",
        parameters::of(probe.value()));
    if (!found) co_return found.error();
    std::vector<proto::job> out;
    for (int row = 0; row < found->count(); ++row) {
        auto job = job_from(*found, row);
        if (job) out.push_back(std::move(*job));
    }
    auto const unread = static_cast<std::size_t>(found->count()) - out.size();
    if (unread > 0) {
        log::warning("store", "jobs of probe " + probe.text() +
                                  " that this version cannot read are left out: " + std::to_string(unread));
    }
    co_return std::move(out);
}

asio::awaitable<result<job_state>> job_state_of(database& database, measurement_id id, std::vector<probe_id> among)
{
    auto const found = co_await database.connections().run(
        std::string("select m.id, m.job, p.probe_id from measurement m left join (participant p join probe b on b.id = "
                    "p.probe_id) on p.measurement_id = m.id and p.until is null and p.probe_id = any($2::int[]) "
                    "and (m.is_canary or measures(b.trust)) where m.id = $1::int and ") +
            running,
        parameters::of(id.value(), numbers_of(among)));
    if (!found) co_return found.error();
    job_state out;
    if (found->empty()) co_return std::move(out);
    auto job = job_from(*found, 0);
    if (!job) {
        log::warning("store", "the job of measurement " + id.text() +
                                  " is left out, this version cannot read it: " + job.error().message());
        co_return std::move(out);
    }
    out.job = std::move(*job);
    for (int row = 0; row < found->count(); ++row) {
        if (found->null(row, 2)) continue;
        auto const probe = probe_id::from(found->integer(row, 2));
        if (!probe) co_return probe.error();
        out.participants.push_back(*probe);
    }
    co_return std::move(out);
}

asio::awaitable<result<std::vector<participation>>> participations(database& database,
                                                                   std::vector<measurement_id> measurements,
                                                                   std::vector<probe_id> probes)
{
    std::vector<std::int32_t> numbers;
    for (auto const id : measurements) numbers.push_back(id.value());
    auto const found = co_await database.connections().run(
        "select measurement_id, probe_id, micros(since) from participant "
        "where (measurement_id, probe_id) in (select * from unnest($1::int[], $2::int[]))",
        parameters::of(numbers, numbers_of(probes)));
    if (!found) co_return found.error();
    std::vector<participation> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const measurement = measurement_id::from(found->integer(row, 0));
        auto const probe = probe_id::from(found->integer(row, 1));
        if (!measurement || !probe) co_return errc::malformed;
        out.push_back({*measurement, *probe, found->time(row, 2)});
    }
    co_return std::move(out);
}

}  // namespace tp::store
