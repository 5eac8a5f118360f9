#include "store/probes.hpp"

#include <algorithm>
#include <set>

#include "store/condition_sql.hpp"
#include "store/pool.hpp"
#include "store/read_rows.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr char columns[] =
    "p.id, p.owner_id, p.trust, p.description, p.country, p.software, p.is_public, "
    "case when p.trust = 'retired' then 4 when p.session is not null then 1 when p.first_connected is null then 0 "
    "  when p.status_since < now() - interval '90 days' then 3 else 2 end as status, "
    "micros(p.status_since), micros(p.first_connected), "
    "micros(case when p.session is not null then now() else p.last_connected end), "
    "p.uptime + case when p.session is not null then extract(epoch from now() - p.status_since)::bigint else 0 end, "
    "host(p.address_v4), host(p.address_v6), p.prefix_v4::text, p.prefix_v6::text, p.asn_v4, p.asn_v6, p.latitude, "
    "p.longitude, p.system_tags || p.user_tags";

template <class T, class Read>
std::optional<T> optional_value(rows const& found, int row, int column, Read read)
{
    auto const text = found.optional_text(row, column);
    if (!text) return std::nullopt;
    result<T> const value = read(*text);
    return value ? std::optional<T>(*value) : std::nullopt;
}

std::optional<std::uint32_t> asn_at(rows const& found, int row, int column)
{
    auto const value = found.optional_integer(row, column);
    return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

result<probe_record> record_from(rows const& found, int row)
{
    auto const id = probe_id::from(found.integer(row, 0));
    if (!id) return id.error();
    probe_record out{.id = *id};
    if (!found.null(row, 1)) out.owner = *account_id::from(found.integer(row, 1));
    auto const trust = trust_state_named(found.text(row, 2));
    if (!trust) return errc::malformed;
    out.trust = *trust;
    out.description = found.text(row, 3);
    out.country = found.text(row, 4);
    out.software = found.text(row, 5);
    out.is_public = found.flag(row, 6);
    out.status = static_cast<probe_status>(found.integer(row, 7));
    out.status_since = found.time(row, 8);
    out.first_connected = found.optional_time(row, 9);
    out.last_connected = found.optional_time(row, 10);
    out.total_uptime = std::chrono::seconds(found.integer(row, 11));
    out.address_v4 = optional_value<ip_address>(found, row, 12, parse_address);
    out.address_v6 = optional_value<ip_address>(found, row, 13, parse_address);
    out.prefix_v4 = optional_value<ip_prefix>(found, row, 14, ip_prefix::parse);
    out.prefix_v6 = optional_value<ip_prefix>(found, row, 15, ip_prefix::parse);
    out.asn_v4 = asn_at(found, row, 16);
    out.asn_v6 = asn_at(found, row, 17);
    out.latitude = found.optional_real(row, 18);
    out.longitude = found.optional_real(row, 19);
    out.tags = found.texts(row, 20);
    return out;
}

std::optional<std::string> text_of(std::optional<ip_prefix> const& prefix)
{
    return prefix ? std::optional(prefix->text()) : std::nullopt;
}

char upper(char letter)
{
    return static_cast<char>(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
}

/// Parameters $1 to $14 of `matching`.
parameters values_of(probe_filter const& filter)
{
    auto countries = filter.countries;
    if (!filter.country.empty()) countries.push_back(filter.country);
    for (auto& country : countries) std::ranges::transform(country, country.begin(), upper);
    auto const owner = filter.owner ? std::optional(filter.owner->value()) : std::nullopt;
    auto const status = filter.status ? std::optional(static_cast<std::int32_t>(*filter.status)) : std::nullopt;
    auto const measurement = filter.of_measurement ? std::optional(filter.of_measurement->value()) : std::nullopt;
    auto const trust = filter.trust ? std::optional(name_of(*filter.trust)) : std::nullopt;
    return parameters::of(filter.ids, owner, countries, filter.asn, text_of(filter.prefix), text_of(filter.prefix_v4),
                          text_of(filter.prefix_v6), status, filter.tags_include, filter.tags_exclude, measurement,
                          filter.capabilities, trust, filter.hidden_addresses);
}

/// Its announced prefix lies within, or its address: who could try prefixes on a hidden one would soon have it.
std::string lies_in(char const* which, char const* family)
{
    return std::string("coalesce((p.is_public or $14::bool) and p.address_") + family + " <<= " + which +
           "::cidr or p.prefix_" + family + " <<= " + which + "::cidr, false)";
}

// As strangers are shown them: who could compare with the exact place would draw closer and closer.
constexpr char shown_latitude[] = "round(p.latitude::numeric, 2)::float8";
constexpr char shown_longitude[] = "round(p.longitude::numeric, 2)::float8";

char const* expression_of(probe_column column) noexcept
{
    switch (column) {
        case probe_column::id:
            return "p.id";
        case probe_column::asn_v4:
            return "p.asn_v4";
        case probe_column::asn_v6:
            return "p.asn_v6";
        case probe_column::asns_differ:
            return "coalesce(p.asn_v4 <> p.asn_v6, false)";
        case probe_column::latitude:
            return shown_latitude;
        case probe_column::longitude:
            return shown_longitude;
        case probe_column::is_anchor:
            return "'system-anchor' = any(p.system_tags)";
        case probe_column::is_public:
            return "p.is_public";
        case probe_column::has_run:
            return "p.software <> ''";
        case probe_column::description:
            return "p.description";
    }
    return "null";
}

/// By the haversine formula, on a globe of 6,371 km.
void append_circle(statement& to, circle const& around)
{
    auto const place = [&](double value) {
        to.values.add(value);
        return '$' + std::to_string(to.values.count()) + "::float8";
    };
    std::string const lat = shown_latitude, lon = shown_longitude;
    auto const from_lat = place(around.latitude), from_lon = place(around.longitude), km = place(around.radius_km);
    // Of a null, least() makes a 1.
    to.sql +=
        " and p.latitude is not null and p.longitude is not null and 2 * 6371 * asin(sqrt(least(1, power(sin(radians(" +
        lat + " - " + from_lat + ") / 2), 2) + cos(radians(" + lat + ")) * cos(radians(" + from_lat +
        ")) * power(sin(radians(" + lon + " - " + from_lon + ") / 2), 2)))) <= " + km;
}

/// From "from" on, without an order.
statement matching(probe_filter const& filter)
{
    statement out{
        "from (select p.*, case when p.trust = 'retired' then 4 when p.session is not null then 1 "
        "  when p.first_connected is null then 0 "
        "  when p.status_since < now() - interval '90 days' then 3 else 2 end as state from probe p) p "
        "where (cardinality($1::int[]) = 0 or p.id = any($1::int[])) and ($2::int is null or p.owner_id = $2::int) "
        "and (cardinality($3::text[]) = 0 or p.country = any($3::text[])) "
        "and ($4::bigint is null or p.asn_v4 = $4::bigint or p.asn_v6 = $4::bigint) "
        "and ($5::cidr is null or " +
            lies_in("$5", "v4") + " or " + lies_in("$5", "v6") + ") and ($6::cidr is null or " + lies_in("$6", "v4") +
            ") and ($7::cidr is null or " + lies_in("$7", "v6") +
            ") and ($8::int is null or p.state = $8::int) "
            "and $9::text[] <@ (p.system_tags || p.user_tags) and not $10::text[] && (p.system_tags || p.user_tags) "
            "and ($11::int is null or exists (select from participant t where t.measurement_id = $11::int "
            "  and t.probe_id = p.id and t.until is null)) "
            "and $12::text[] <@ p.capabilities and ($13::text is null or p.trust = $13::text)",
        values_of(filter)};
    append_conditions(out, filter.where, expression_of);
    if (filter.near) append_circle(out, *filter.near);
    return out;
}

}  // namespace

asio::awaitable<result<probe_page>> list_probes(database& database, probe_filter filter)
{
    auto const wanted = matching(filter);
    auto const counted = co_await database.connections().run("select count(*) " + wanted.sql, wanted.values);
    if (!counted) co_return counted.error();
    probe_page out;
    out.count = static_cast<std::uint64_t>(counted->integer(0, 0));
    auto const* const order = filter.newest_first ? " order by p.id desc" : " order by p.id";
    auto sql = std::string("select ") + columns + ' ' + wanted.sql + order + " limit " + std::to_string(filter.limit) +
               " offset " + std::to_string(filter.offset);
    auto const found = co_await database.connections().run(std::move(sql), wanted.values);
    if (!found) co_return found.error();
    for (int row = 0; row < found->count(); ++row) {
        auto record = record_from(*found, row);
        if (!record) co_return record.error();
        out.rows.push_back(std::move(*record));
    }
    co_return std::move(out);
}

asio::awaitable<result<probe_record>> find_probe_by_id(database& database, probe_id id)
{
    auto const found = co_await database.connections().run(
        std::string("select ") + columns + " from probe p where p.id = $1::int", parameters::of(id.value()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    co_return record_from(*found, 0);
}

bool is_lab_tag(std::string_view tag) noexcept
{
    return tag == "lab" || tag.starts_with("lab-");
}

asio::awaitable<result<void>> change_probe(database& database, probe_id id, probe_change change)
{
    auto const done = co_await database.connections().run(
        "update probe set description = coalesce($2, description), is_public = coalesce($3::bool, is_public), "
        "country = coalesce(upper($4), country), country_by_address = country_by_address and $4 is null, "
        "latitude = coalesce($5::float8, latitude), longitude = coalesce($6::float8, longitude), user_tags = "
        "case when $7::text[] is null then user_tags when $8::bool then $7::text[] || array("
        "  select t from unnest(user_tags) as t where t = 'lab' or t like 'lab-%') "
        "else $7::text[] end where id = $1::int",
        parameters::of(id.value(), change.description, change.is_public, change.country, change.latitude,
                       change.longitude, change.user_tags, change.keeps_lab));
    if (!done) co_return done.error();
    if (done->affected() == 0) co_return errc::not_found;
    co_return result<void>{};
}

asio::awaitable<result<std::vector<probe_id>>> pick_probes(database& database, probe_filter filter, std::uint32_t count)
{
    filter.status = probe_status::connected;
    bool const named = !filter.ids.empty() || filter.of_measurement;
    std::string const trusted = named ? " and measures(p.trust)" : " and p.trust = 'active'";
    auto const wanted = matching(filter);
    auto const found = co_await database.connections().run(
        "select p.id " + wanted.sql + trusted + " order by random() limit " + std::to_string(count), wanted.values);
    co_return probe_ids_from(found);
}

asio::awaitable<result<std::vector<probe_id>>> capable_probes(database& database, std::vector<probe_id> among,
                                                              std::string capability)
{
    std::vector<std::int32_t> numbers;
    for (auto const probe : among) numbers.push_back(probe.value());
    auto const found =
        co_await database.connections().run("select id from probe where id = any($1::int[]) and $2 = any(capabilities)",
                                            parameters::of(numbers, capability));
    if (!found) co_return found.error();
    std::set<std::int64_t> able;
    for (int row = 0; row < found->count(); ++row) able.insert(found->integer(row, 0));
    std::erase_if(among, [&](probe_id probe) { return !able.contains(probe.value()); });
    co_return std::move(among);
}

}  // namespace tp::store
