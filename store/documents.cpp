#include "store/documents.hpp"

#include "store/pool.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr char anchors[] = "anchors";

constexpr char columns[] =
    "a.id, a.name, array(select host(x) from unnest(a.addresses) x), a.ports::text[], a.country, a.city, a.company, "
    "a.probe_id, a.as_v4, a.as_v6, a.latitude, a.longitude, micros(a.listed_at), micros(a.ended_at)";

/// Lists of lists travel as texts with commas: PostgreSQL's arrays of arrays are rectangles.
template <class T, class ToText>
std::string with_commas(std::vector<T> const& list, ToText text)
{
    std::string out;
    for (auto const& each : list) out += (out.empty() ? "" : ",") + text(each);
    return out;
}

/// The columns of the entries, as arrays of texts; "" stands for null.
parameters columns_of(std::vector<anchor_entry> const& entries)
{
    std::vector<std::vector<std::string>> out(11);
    auto const number = [](auto const& value) { return value ? std::to_string(*value) : std::string(); };
    for (auto const& one : entries) {
        std::vector<std::string> row{
            one.name,
            with_commas(one.addresses, [](ip_address const& each) { return each.to_string(); }),
            with_commas(one.ports, [](std::uint16_t each) { return std::to_string(each); }),
            one.country,
            one.city,
            one.company,
            one.probe ? one.probe->text() : std::string(),
            number(one.as_v4),
            number(one.as_v6),
            number(one.latitude),
            number(one.longitude)};
        for (std::size_t i = 0; i < row.size(); ++i) out[i].push_back(std::move(row[i]));
    }
    parameters values;
    for (auto const& column : out) values.add(column);
    return values;
}

asio::awaitable<result<void>> insert_document(connection& link, signed_octets document)
{
    // Two publications at the same time: the later one waits here, and is judged by the outcome of the first.
    auto const locked = co_await link.run("select pg_advisory_xact_lock(7441005)");
    if (!locked) co_return locked.error();
    parameters values;
    values.add(document.name);
    values.add(static_cast<std::int64_t>(document.version));
    values.add_octets(std::move(document.octets));
    values.add(document.expires);
    auto const done = co_await link.run(
        "insert into signed_document (name, version, octets, expires_at) "
        "select $1::text, $2::bigint, $3::bytea, moment($4::bigint) "
        "where not exists (select from signed_document where name = $1::text and version >= $2::bigint)",
        std::move(values));
    if (!done) co_return done.error();
    if (done->affected() == 0) co_return errc::conflict;
    co_return result<void>{};
}

asio::awaitable<result<void>> replace_entries(connection& link, std::vector<anchor_entry> entries)
{
    constexpr char sql[] =
        "with said as (select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], "
        "    $7::text[], $8::text[], $9::text[], $10::text[], $11::text[]) "
        "    as t(name, addresses, ports, country, city, company, probe, as_v4, as_v6, latitude, longitude)), "
        "  gone as (update anchor set ended_at = now() where ended_at is null and name <> all ($1::text[])) "
        "insert into anchor (name, addresses, ports, country, city, company, probe_id, as_v4, as_v6, latitude, "
        "  longitude) "
        "select name, string_to_array(addresses, ',')::inet[], string_to_array(ports, ',')::int[], country, city, "
        "  company, nullif(probe, '')::int, nullif(as_v4, '')::bigint, nullif(as_v6, '')::bigint, "
        "  nullif(latitude, '')::float8, nullif(longitude, '')::float8 from said order by name "
        "on conflict (name) do update set addresses = excluded.addresses, ports = excluded.ports, "
        "  country = excluded.country, city = excluded.city, company = excluded.company, "
        "  probe_id = excluded.probe_id, as_v4 = excluded.as_v4, as_v6 = excluded.as_v6, "
        "  latitude = excluded.latitude, longitude = excluded.longitude, ended_at = null, "
        "  listed_at = case when anchor.ended_at is null then anchor.listed_at else now() end";
    auto const done = co_await link.run(sql, columns_of(entries));
    if (!done) co_return done.error();
    auto const told = co_await link.run("select announce('document', max(id)) from signed_document");
    if (!told) co_return told.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> publish(connection& link, signed_octets document, std::vector<anchor_entry> entries)
{
    auto const inserted = co_await insert_document(link, std::move(document));
    if (!inserted) co_return inserted.error();
    co_return co_await replace_entries(link, std::move(entries));
}

std::optional<std::uint32_t> number_at(rows const& found, int row, int column)
{
    auto const value = found.optional_integer(row, column);
    return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

result<anchor_record> record_from(rows const& found, int row)
{
    auto const id = anchor_id::from(found.integer(row, 0));
    if (!id) return id.error();
    anchor_record out{.id = *id};
    auto& says = out.says;
    says.name = found.text(row, 1);
    for (auto const& text : found.texts(row, 2)) {
        auto const address = parse_address(text);
        if (address) says.addresses.push_back(*address);
    }
    for (auto const& text : found.texts(row, 3)) says.ports.push_back(static_cast<std::uint16_t>(std::stoul(text)));
    says.country = found.text(row, 4);
    says.city = found.text(row, 5);
    says.company = found.text(row, 6);
    if (auto const number = found.optional_integer(row, 7)) {
        auto const probe = probe_id::from(*number);
        if (probe) says.probe = *probe;
    }
    says.as_v4 = number_at(found, row, 8);
    says.as_v6 = number_at(found, row, 9);
    says.latitude = found.optional_real(row, 10);
    says.longitude = found.optional_real(row, 11);
    out.listed = found.time(row, 12);
    out.ended = found.optional_time(row, 13);
    return out;
}

}  // namespace

asio::awaitable<result<void>> publish_anchors(database& database, signed_octets document,
                                              std::vector<anchor_entry> entries)
{
    auto held = co_await database.connections().acquire();
    if (!held) co_return held.error();
    auto const begun = co_await (*held)->script("begin");
    if (!begun) co_return begun.error();
    auto const published = co_await publish(**held, std::move(document), std::move(entries));
    if (!published) {
        [[maybe_unused]] auto const undone = co_await (*held)->script("rollback");
        co_return published.error();
    }
    co_return co_await (*held)->script("commit");
}

asio::awaitable<result<std::vector<signed_octets>>> newest_documents(database& database)
{
    auto const found = co_await database.connections().run(
        "select distinct on (name) name, version, micros(expires_at), octets from signed_document "
        "order by name, version desc");
    if (!found) co_return found.error();
    std::vector<signed_octets> out;
    for (int row = 0; row < found->count(); ++row) {
        out.push_back({found->text(row, 0), static_cast<std::uint64_t>(found->integer(row, 1)), found->time(row, 2),
                       found->octets(row, 3)});
    }
    co_return std::move(out);
}

asio::awaitable<result<anchor_id>> anchor_of(database& database, std::string target)
{
    auto const address = parse_address(target);
    auto const text = address ? std::optional(address->to_string()) : std::nullopt;
    auto const found = co_await database.connections().run(
        "select id from anchor where ended_at is null and (name = lower($1) or addresses @> array[$2::inet]) "
        "and (select expires_at > now() from signed_document where name = $3 order by version desc limit 1) "
        "order by id limit 1",
        parameters::of(target, text, anchors));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return anchor_id::from(found->integer(0, 0));
}

asio::awaitable<result<anchor_page>> list_anchors(database& database, anchor_filter filter)
{
    auto const number = [](std::optional<std::uint32_t> value) {
        return value ? std::optional<std::int64_t>(*value) : std::nullopt;
    };
    auto const found = co_await database.connections().run(
        "select " + std::string(columns) +
            ", count(*) over () from anchor a where ended_at is null and ($1 = '' or lower(country) = lower($1)) "
            "and ($2 = '' or position(lower($2) in lower(name || ' ' || city || ' ' || company)) > 0) "
            "and ($3::bigint is null or as_v4 = $3::bigint) and ($4::bigint is null or as_v6 = $4::bigint) "
            "order by id limit $5::bigint offset $6::bigint",
        parameters::of(filter.country, filter.search, number(filter.as_v4), number(filter.as_v6),
                       static_cast<std::int64_t>(filter.limit), static_cast<std::int64_t>(filter.offset)));
    if (!found) co_return found.error();
    anchor_page out;
    for (int row = 0; row < found->count(); ++row) {
        auto record = record_from(*found, row);
        if (!record) co_return record.error();
        out.count = static_cast<std::uint64_t>(found->integer(row, 14));
        out.rows.push_back(std::move(*record));
    }
    co_return std::move(out);
}

asio::awaitable<result<anchor_record>> find_anchor(database& database, anchor_id id)
{
    auto const found = co_await database.connections().run(
        "select " + std::string(columns) + " from anchor a where id = $1::int", parameters::of(id.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return record_from(*found, 0);
}

}  // namespace tp::store
