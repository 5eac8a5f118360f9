#include "store/director.hpp"

#include "proto/version_report.hpp"
#include "store/hex.hpp"
#include "store/pool.hpp"
#include "store/rollout_rows.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

std::optional<std::uint32_t> asn_at(rows const& found, int row, int column)
{
    auto const value = found.optional_integer(row, column);
    return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

std::uint64_t natural(rows const& found, int row, int column)
{
    return static_cast<std::uint64_t>(found.integer(row, column));
}

constexpr char state_columns[] =
    "f.model, f.release, f.sha256, f.standing, f.update_state, f.update_result, f.failed_release, f.cause, "
    "f.instruction, f.root_version, f.software, f.target, micros(f.reported_at)";

reported_state state_from(rows const& found, int row, int first)
{
    reported_state out;
    auto& says = out.says;
    says.model = found.text(row, first);
    says.release = natural(found, row, first + 1);
    says.sha256 = found.octets(row, first + 2);
    says.standing = static_cast<std::uint32_t>(found.integer(row, first + 3));
    says.update_state = static_cast<std::uint32_t>(found.integer(row, first + 4));
    says.update_result = static_cast<std::uint32_t>(found.integer(row, first + 5));
    says.failed_release = natural(found, row, first + 6);
    says.cause = found.text(row, first + 7);
    says.instruction = found.octets(row, first + 8);
    says.root_version = natural(found, row, first + 9);
    says.software = found.text(row, first + 10);
    says.target = found.text(row, first + 11);
    out.at = found.time(row, first + 12);
    return out;
}

result<rollout_member> member_from(rows const& found, int row)
{
    auto const probe = probe_id::from(found.integer(row, 0));
    if (!probe) return probe.error();
    rollout_member out{.probe = *probe, .model = found.text(row, 1), .country = found.text(row, 2)};
    out.asn = asn_at(found, row, 3);
    out.wave = static_cast<std::uint32_t>(found.integer(row, 4));
    out.stage = found.text(row, 5);
    out.since = found.time(row, 6);
    out.nonce = found.octets(row, 7);
    out.expires = found.time(row, 8);
    out.cause = found.text(row, 9);
    out.told_by_other = found.flag(row, 10);
    out.connected = found.flag(row, 11);
    out.status_since = found.time(row, 12);
    if (!found.null(row, 13)) out.said = state_from(found, row, 13);
    return out;
}

std::string micros_text(wall_time at)
{
    return std::to_string(std::chrono::floor<std::chrono::microseconds>(at.time_since_epoch()).count());
}

/// Holds the rollout where it is until the transaction ends.
asio::awaitable<result<void>> hold(connection& link, rollout_id id, rollout_progress at)
{
    auto const found =
        co_await link.run("select from rollout where id = $1::int and phase = $2 and wave = $3::int for no key update",
                          parameters::of(id.value(), at.phase, at.wave));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::conflict;
    co_return result<void>{};
}

asio::awaitable<result<void>> change_members(connection& link, rollout_id id, std::vector<member_change> changes)
{
    std::vector<std::int32_t> probes;
    std::vector<std::string> stages, since, nonces, expires, causes;
    for (auto& each : changes) {
        probes.push_back(each.probe.value());
        stages.push_back(std::move(each.stage));
        since.push_back(micros_text(each.since));
        nonces.push_back(hex(each.nonce));
        expires.push_back(micros_text(each.expires));
        causes.push_back(std::move(each.cause));
    }
    auto const done = co_await link.run(
        "update rollout_probe m set stage = n.stage, since = moment(n.since::bigint), expires_at = "
        "moment(n.expires::bigint), cause = n.cause, nonce = decode(n.nonce, 'hex') "
        "from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as "
        "  n(probe, stage, since, expires, cause, nonce) "
        "where m.rollout_id = $1::int and m.probe_id = n.probe",
        parameters::of(id.value(), probes, stages, since, expires, causes, nonces));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> keep(connection& link, rollout_id id, std::vector<kept_instruction> instructions)
{
    if (instructions.empty()) co_return result<void>{};
    std::vector<std::int32_t> probes;
    std::vector<std::string> octets, keys, signatures, issued;
    for (auto& each : instructions) {
        probes.push_back(each.probe.value());
        octets.push_back(hex(each.octets));
        keys.push_back(hex(each.key));
        signatures.push_back(hex(each.signature));
        issued.push_back(micros_text(each.issued));
    }
    auto const done = co_await link.run(
        "insert into firmware_instruction (rollout_id, probe_id, issued_at, octets, key, signature) "
        "select $1::int, n.probe, moment(n.issued::bigint), decode(n.octets, 'hex'), "
        "decode(n.key, 'hex'), decode(n.signature, 'hex') "
        "from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) as "
        "  n(probe, issued, octets, key, signature) "
        "on conflict (probe_id) do update set rollout_id = excluded.rollout_id, issued_at = excluded.issued_at, "
        "octets = excluded.octets, key = excluded.key, signature = excluded.signature "
        "where firmware_instruction.issued_at < excluded.issued_at",
        parameters::of(id.value(), probes, issued, octets, keys, signatures));
    if (!done) co_return done.error();
    if (done->affected() != probes.size()) co_return errc::conflict;
    auto const told = co_await link.run("select announce('instruction', $1::int)", parameters::of(id.value()));
    if (!told) co_return told.error();
    co_return result<void>{};
}

}  // namespace

asio::awaitable<result<std::vector<rollout_record>>> open_rollouts(database& database)
{
    return rollouts_where(
        database, approvers::by_number,
        "where r.phase not in ('halted', 'complete') or (r.phase = 'halted' and r.phase_since > now() - interval '1 "
        "day') "
        "or (r.phase = 'complete' and (r.wish = 'halt' or exists "
        "(select from rollout_target mine where mine.rollout_id = r.id and not exists "
        "(select from rollout_target its join rollout n on n.id = its.rollout_id where its.model = mine.model and "
        "n.id > r.id and n.phase in ('running', 'soaking', 'paused', 'complete'))))) order by r.id",
        parameters());
}

asio::awaitable<result<void>> describe_target(database& database, rollout_id id, rollout_target target)
{
    auto values = parameters::of(id.value(), target.path, target.model, static_cast<std::int64_t>(target.length),
                                 static_cast<std::int64_t>(target.release));
    values.add_octets(std::move(target.sha256));
    auto const done = co_await database.connections().run(
        "update rollout_target set model = $3, length = $4::bigint, release = $5::bigint, sha256 = $6::bytea where "
        "rollout_id = $1::int and path = $2",
        std::move(values));
    if (!done) co_return done.error();
    if (done->affected() == 0) co_return errc::not_found;
    co_return result<void>{};
}

asio::awaitable<result<void>> record_version_report(database& database, probe_id probe, wall_time at, std::string text,
                                                    firmware_state says)
{
    constexpr char sql[] =
        "with made as (insert into probe_event (probe_id, at, kind, detail) "
        "  select id, moment($2::bigint), 'version_report', $3 from probe where id = $1::int returning probe_id), "
        "said as (insert into firmware_state (probe_id, reported_at, model, release, standing, update_state, "
        "  update_result, failed_release, cause, root_version, software, target, sha256, instruction) "
        "  select id, moment($2::bigint), $4, $5::bigint, $6::int, $7::int, $8::int, $9::bigint, $10, $11::bigint, "
        "$12, "
        "    $13, $14::bytea, $15::bytea from probe where id = $1::int "
        "  on conflict (probe_id) do update set reported_at = excluded.reported_at, model = excluded.model, "
        "    release = excluded.release, standing = excluded.standing, update_state = excluded.update_state, "
        "    update_result = excluded.update_result, failed_release = excluded.failed_release, "
        "    cause = excluded.cause, root_version = excluded.root_version, software = excluded.software, "
        "    target = excluded.target, sha256 = excluded.sha256, instruction = excluded.instruction) "
        "select drop_old_events(array_agg(probe_id)) from made";
    auto values =
        parameters::of(probe.value(), at, text, says.model, static_cast<std::int64_t>(says.release), says.standing,
                       says.update_state, says.update_result, static_cast<std::int64_t>(says.failed_release),
                       says.cause, static_cast<std::int64_t>(says.root_version), says.software, says.target);
    values.add_octets(std::move(says.sha256));
    values.add_octets(std::move(says.instruction));
    auto const done = co_await database.connections().run(sql, std::move(values));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<reported_state>> firmware_state_of(database& database, probe_id probe)
{
    auto const found = co_await database.connections().run(
        std::string("select ") + state_columns + " from firmware_state f where probe_id = $1::int",
        parameters::of(probe.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return state_from(*found, 0, 0);
}

asio::awaitable<result<std::vector<rollout_member>>> members_of(database& database, rollout_id id)
{
    auto const found = co_await database.connections().run(
        std::string("select m.probe_id, m.model, p.country, coalesce(p.asn_v4, p.asn_v6), m.wave, m.stage, "
                    "micros(m.since), m.nonce, micros(m.expires_at), m.cause, coalesce(i.rollout_id <> m.rollout_id, "
                    "false), p.session is not null, micros(p.status_since), ") +
            state_columns +
            " from rollout_probe m join probe p on p.id = m.probe_id left join firmware_state f on f.probe_id = "
            "m.probe_id left join firmware_instruction i on i.probe_id = m.probe_id where m.rollout_id = $1::int order "
            "by m.probe_id",
        parameters::of(id.value()));
    if (!found) co_return found.error();
    std::vector<rollout_member> out;
    out.reserve(static_cast<std::size_t>(found->count()));
    for (int row = 0; row < found->count(); ++row) {
        auto one = member_from(*found, row);
        if (!one) co_return one.error();
        out.push_back(std::move(*one));
    }
    co_return std::move(out);
}

asio::awaitable<result<std::vector<rollout_candidate>>> candidates_for(database& database, rollout_id id,
                                                                       std::string model, std::uint64_t release,
                                                                       std::string lab_tag)
{
    auto const& passing = proto::version_report::failure::passing;
    auto const found = co_await database.connections().run(
        "select p.id, p.country, coalesce(p.asn_v4, p.asn_v6), $4 = any(p.user_tags || p.system_tags) "
        "from firmware_state f join probe p on p.id = f.probe_id where f.model = $2 and f.release < $3::bigint and "
        "(f.failed_release <> $3::bigint or f.cause = any($5::text[])) and p.trust in ('active', 'suspect', "
        "'isolated', 'probation') and not exists "
        "(select from rollout_probe m where m.rollout_id = $1::int and m.probe_id = p.id) order by p.id",
        parameters::of(id.value(), model, static_cast<std::int64_t>(release), lab_tag,
                       std::vector<std::string>(passing.begin(), passing.end())));
    if (!found) co_return found.error();
    std::vector<rollout_candidate> out;
    out.reserve(static_cast<std::size_t>(found->count()));
    for (int row = 0; row < found->count(); ++row) {
        auto const probe = probe_id::from(found->integer(row, 0));
        if (!probe) co_return probe.error();
        out.push_back({*probe, found->text(row, 1), asn_at(*found, row, 2), found->flag(row, 3)});
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> add_members(database& database, rollout_id id, std::vector<new_member> members)
{
    std::vector<std::int32_t> probes, waves;
    std::vector<std::string> models;
    for (auto& each : members) {
        probes.push_back(each.probe.value());
        waves.push_back(static_cast<std::int32_t>(each.wave));
        models.push_back(std::move(each.model));
    }
    auto const done = co_await database.connections().run(
        "insert into rollout_probe (rollout_id, probe_id, wave, model) select $1::int, p, w, m from "
        "unnest($2::int[], $3::int[], $4::text[]) as n(p, w, m) on conflict do nothing",
        parameters::of(id.value(), probes, waves, models));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> move_rollout(database& database, rollout_id id, rollout_progress before,
                                           rollout_progress after, std::string said)
{
    constexpr char sql[] =
        "with moved as (update rollout set phase = $4, wave = $5::int, phase_since = moment($6::bigint), "
        "  wave_since = moment($7::bigint), because = $8 where id = $1::int and phase = $2 and wave = $3::int "
        "  returning id), "
        "logged as (insert into rollout_event (rollout_id, said) select id, $9 from moved where $9 <> '') "
        "select id from moved";
    auto const moved = co_await database.connections().run(
        sql, parameters::of(id.value(), before.phase, before.wave, after.phase, after.wave, after.since,
                            after.wave_since, after.because, said));
    if (!moved) co_return moved.error();
    if (moved->empty()) co_return errc::conflict;
    co_return result<void>{};
}

asio::awaitable<result<void>> note_members(database& database, rollout_id id, rollout_progress at,
                                           std::vector<member_change> changes,
                                           std::vector<kept_instruction> instructions)
{
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto const begun = co_await (*held)->script("begin");
    if (!begun) co_return begun.error();
    auto noted = co_await hold(**held, id, std::move(at));
    if (noted) noted = co_await change_members(**held, id, std::move(changes));
    if (noted) noted = co_await keep(**held, id, std::move(instructions));
    if (!noted) {
        [[maybe_unused]] auto const undone = co_await (*held)->script("rollback");
        co_return noted.error();
    }
    co_return co_await (*held)->script("commit");
}

asio::awaitable<result<wall_time>> last_issued(database& database)
{
    auto const found = co_await database.connections().run(
        "select micros(coalesce(max(issued_at), 'epoch')) from firmware_instruction");
    if (!found) co_return found.error();
    co_return found->time(0, 0);
}

asio::awaitable<result<std::vector<kept_instruction>>> newer_instructions(database& database,
                                                                          std::vector<handed_instruction> handed)
{
    std::vector<std::int32_t> probes;
    std::vector<std::string> issued;
    for (auto const& each : handed) {
        probes.push_back(each.probe.value());
        issued.push_back(micros_text(each.issued));
    }
    auto const found = co_await database.connections().run(
        "select i.probe_id, i.octets, i.key, i.signature, micros(i.issued_at) from "
        "unnest($1::int[], $2::text[]) as h(probe, issued) join firmware_instruction i on i.probe_id = h.probe "
        "where i.issued_at > moment(h.issued::bigint)",
        parameters::of(probes, issued));
    if (!found) co_return found.error();
    std::vector<kept_instruction> out;
    out.reserve(static_cast<std::size_t>(found->count()));
    for (int row = 0; row < found->count(); ++row) {
        auto const probe = probe_id::from(found->integer(row, 0));
        if (!probe) co_return probe.error();
        out.push_back(
            {*probe, found->octets(row, 1), found->octets(row, 2), found->octets(row, 3), found->time(row, 4)});
    }
    co_return std::move(out);
}

}  // namespace tp::store
