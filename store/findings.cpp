#include "store/findings.hpp"

#include <algorithm>
#include <array>

#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr std::array<std::string_view, 3> severities{"note", "warning", "grave"};

std::string cut(std::string text)
{
    if (text.size() <= finding::longest_text) return text;
    text.resize(finding::longest_text);
    // Not within a character of UTF-8: PostgreSQL would refuse the text.
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0U) text.pop_back();
    return text;
}

result<finding_record> record_from(rows const& found, int row, probe_id probe)
{
    auto const how = std::find(severities.begin(), severities.end(), found.text(row, 1));
    if (how == severities.end()) return errc::malformed;
    finding_record out{.what = {.probe = probe}};
    out.what.rule = found.text(row, 0);
    out.what.how = static_cast<severity>(how - severities.begin());
    out.what.saw = found.text(row, 2);
    out.what.compared_with = found.text(row, 3);
    out.what.clears_when = found.text(row, 4);
    out.at = found.time(row, 5);
    out.seen_at = found.time(row, 6);
    out.seen = static_cast<std::uint32_t>(found.integer(row, 7));
    out.cleared_at = found.optional_time(row, 8);
    out.cleared_by = found.optional_text(row, 9).value_or("");
    out.held_back_by = found.optional_text(row, 10).value_or("");
    return out;
}

}  // namespace

std::string_view name_of(severity how) noexcept
{
    return severities[static_cast<std::size_t>(how)];
}

asio::awaitable<result<recorded>> record_finding(database& database, finding what)
{
    constexpr char sql[] =
        "insert into finding (probe_id, rule, severity, saw, compared_with, clears_when) "
        "  select id, $2, $3, $4, $5, $6 from probe where id = $1::int "
        "on conflict (probe_id, rule) where cleared_at is null do update set "
        "  severity = case when array_position(array['note', 'warning', 'grave'], excluded.severity) > "
        "    array_position(array['note', 'warning', 'grave'], finding.severity) then excluded.severity "
        "    else finding.severity end, "
        "  saw = excluded.saw, compared_with = excluded.compared_with, clears_when = excluded.clears_when, "
        "  seen_at = now(), seen = finding.seen + 1 "
        "returning seen = 1";
    auto const made = co_await database.connections().run(
        sql, parameters::of(what.probe.value(), what.rule, name_of(what.how), cut(std::move(what.saw)),
                            cut(std::move(what.compared_with)), cut(std::move(what.clears_when))));
    if (!made) co_return made.error();
    if (made->empty()) co_return errc::not_found;
    co_return made->flag(0, 0) ? recorded::fresh : recorded::again;
}

asio::awaitable<result<void>> clear_finding(database& database, probe_id probe, std::string rule,
                                            std::string cleared_by)
{
    constexpr char sql[] =
        "with cleared as (update finding set cleared_at = now(), cleared_by = $3 "
        "  where probe_id = $1::int and rule = $2 and cleared_at is null returning id), "
        "pruned as (delete from finding where id in (select id from finding where probe_id = $1::int "
        "  and cleared_at is not null order by id desc offset 199)) "
        "select count(*) from cleared";
    auto const done =
        co_await database.connections().run(sql, parameters::of(probe.value(), rule, cut(std::move(cleared_by))));
    if (!done) co_return done.error();
    if (done->integer(0, 0) == 0) co_return errc::not_found;
    co_return result<void>{};
}

asio::awaitable<result<void>> hold_findings_back(database& database, std::vector<held_finding> held)
{
    std::vector<std::int32_t> probes;
    std::vector<std::string> rules, reasons;
    for (auto& each : held) {
        probes.push_back(each.probe.value());
        rules.push_back(std::move(each.rule));
        reasons.push_back(cut(std::move(each.because)));
    }
    auto const done = co_await database.connections().run(
        "with now_held as (select * from unnest($1::int[], $2::text[], $3::text[]) as t(probe_id, rule, because)) "
        "update finding f set held_back_by = (select h.because from now_held h where h.probe_id = f.probe_id and "
        "h.rule = f.rule) where f.cleared_at is null and (f.held_back_by is not null or exists (select from now_held "
        "h where h.probe_id = f.probe_id and h.rule = f.rule))",
        parameters::of(probes, rules, reasons));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<std::vector<finding_record>>> findings_of(database& database, probe_id probe, std::uint32_t most)
{
    auto const found = co_await database.connections().run(
        "select rule, severity, saw, compared_with, clears_when, micros(at), micros(seen_at), seen, "
        "micros(cleared_at), cleared_by, case when cleared_at is null then held_back_by end from finding where "
        "probe_id = $1::int "
        "order by cleared_at is not null, id desc limit $2::int",
        parameters::of(probe.value(), most));
    if (!found) co_return found.error();
    std::vector<finding_record> out;
    for (int row = 0; row < found->count(); ++row) {
        auto record = record_from(*found, row, probe);
        if (!record) co_return record.error();
        out.push_back(std::move(*record));
    }
    co_return std::move(out);
}

}  // namespace tp::store
