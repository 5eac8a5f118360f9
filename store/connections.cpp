#include "store/connections.hpp"

#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

result<connection_record> record_from(rows const& found, int row)
{
    auto const address = parse_address(found.text(row, 2));
    if (!address) return address.error();
    connection_record out{.number = found.integer(row, 0), .controller = found.text(row, 1), .address = *address};
    if (!found.null(row, 3)) out.asn = static_cast<std::uint32_t>(found.integer(row, 3));
    if (auto const text = found.optional_text(row, 4)) {
        auto const prefix = ip_prefix::parse(*text);
        if (!prefix) return prefix.error();
        out.prefix = *prefix;
    }
    out.opened = found.time(row, 5);
    out.closed = found.optional_time(row, 6);
    out.reason = found.optional_text(row, 7).value_or("");
    out.by_platform = found.flag(row, 8);
    return out;
}

}  // namespace

asio::awaitable<result<connection_page>> connections_of(database& database, probe_id probe, std::uint32_t offset,
                                                        std::uint32_t limit)
{
    auto const counted = co_await database.connections().run(
        "select count(*) from probe_session where probe_id = $1::int", parameters::of(probe.value()));
    if (!counted) co_return counted.error();
    connection_page out{.count = static_cast<std::uint64_t>(counted->integer(0, 0)), .rows = {}};
    auto const found = co_await database.connections().run(
        "select s.id, coalesce(c.name, ''), host(s.address), s.asn, s.prefix::text, micros(s.opened_at), "
        "micros(s.closed_at), s.reason, s.by_platform from probe_session s "
        "left join controller c on c.id = s.controller_id where s.probe_id = $1::int "
        "order by s.opened_at desc, s.id desc limit $2::int offset $3::int",
        parameters::of(probe.value(), limit, offset));
    if (!found) co_return found.error();
    for (int row = 0; row < found->count(); ++row) {
        auto record = record_from(*found, row);
        if (!record) co_return record.error();
        out.rows.push_back(std::move(*record));
    }
    co_return std::move(out);
}

asio::awaitable<result<std::vector<unlocated_session>>> unlocated_sessions(database& database, std::uint32_t most)
{
    auto const found = co_await database.connections().run(
        "select id, host(address) from probe_session where not located order by id limit $1::int",
        parameters::of(most));
    if (!found) co_return found.error();
    std::vector<unlocated_session> out;
    for (int row = 0; row < found->count(); ++row) {
        auto const address = parse_address(found->text(row, 1));
        if (!address) co_return address.error();
        out.push_back({found->integer(row, 0), *address});
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> locate_sessions(database& database, std::vector<located_session> found)
{
    if (found.empty()) co_return result<void>{};
    // Texts, since an array of ours holds no nulls.
    std::vector<std::string> numbers, systems, prefixes, countries;
    for (auto const& each : found) {
        numbers.push_back(std::to_string(each.number));
        systems.push_back(each.asn ? std::to_string(*each.asn) : "");
        prefixes.push_back(each.prefix ? each.prefix->text() : "");
        countries.push_back(each.country);
    }
    auto const done = co_await database.connections().run(
        "update probe_session s set located = true, asn = nullif(f.asn, '')::bigint, prefix = nullif(f.prefix, "
        "'')::cidr, country = f.country from unnest($1::text[], $2::text[], $3::text[], $4::text[]) "
        "as f(id, asn, prefix, country) where s.id = f.id::bigint",
        parameters::of(numbers, systems, prefixes, countries));
    if (!done) co_return done.error();
    co_return result<void>{};
}

}  // namespace tp::store
