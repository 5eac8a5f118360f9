#include "store/enrolment.hpp"

#include "base/claim_code.hpp"
#include "store/pool.hpp"
#include "store/random.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

parameters with_hash(std::string_view code)
{
    parameters out;
    out.add_octets(hash_of_code(code));
    return out;
}

std::optional<std::string> text_of(std::optional<ip_address> const& address)
{
    if (!address) return std::nullopt;
    return address->to_string();
}

std::optional<std::string> text_of(std::optional<ip_prefix> const& prefix)
{
    if (!prefix) return std::nullopt;
    return prefix->text();
}

}  // namespace

std::string hash_of_code(std::string_view code)
{
    return sha256(plain_claim_code(code));
}

asio::awaitable<result<known_probe>> find_probe(database& database, ssh::public_key key)
{
    auto const found = co_await database.connections().run(
        "select p.id, p.trust, p.boot_count, k.state, p.frozen from probe_key k join probe p on p.id = k.probe_id "
        "where k.key = "
        "$1",
        parameters::of(key.base64()));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    auto const id = probe_id::from(found->integer(0, 0));
    if (!id) co_return id.error();
    auto const state = trust_state_named(found->text(0, 1));
    if (!state) co_return errc::malformed;
    auto const said = found->text(0, 3);
    auto const standing = said == "current"   ? key_standing::current
                          : said == "pending" ? key_standing::pending
                                              : key_standing::replaced;
    co_return known_probe{*id, *state, static_cast<std::uint32_t>(found->integer(0, 2)), standing, found->flag(0, 4)};
}

asio::awaitable<result<probe_id>> claim_probe(database& database, std::string code, ssh::public_key key)
{
    auto values = with_hash(code);
    values.add(key.base64());
    auto const claimed = co_await database.connections().run("select claim_probe($1::bytea, $2)", std::move(values));
    if (!claimed) co_return claimed.error();
    if (claimed->null(0, 0)) co_return errc::rejected;
    co_return probe_id::from(claimed->integer(0, 0));
}

asio::awaitable<result<probe_id>> add_probe(database& database, ssh::public_key key, account_id owner,
                                            std::string description)
{
    return add_probe(database, std::move(key), owner, std::move(description), std::nullopt);
}

asio::awaitable<result<probe_id>> add_probe(database& database, ssh::public_key key, account_id owner,
                                            std::string description, std::optional<std::string> consent)
{
    auto const made = co_await database.connections().run(
        "with made as (insert into probe (key, owner_id, description) values ($1, $2::int, $3) returning id), "
        "agreed as (insert into probe_consent (probe_id, account_id, version) "
        "  select id, $2::int, $4::text from made where $4::text is not null) select id from made",
        parameters::of(key.base64(), owner.value(), description, consent));
    if (!made) co_return made.error();
    co_return probe_id::from(made->integer(0, 0));
}

asio::awaitable<result<std::string>> make_claim_code(database& database, account_id owner,
                                                     std::chrono::seconds lifetime)
{
    return make_claim_code(database, owner, lifetime, std::nullopt);
}

asio::awaitable<result<std::string>> make_claim_code(database& database, account_id owner,
                                                     std::chrono::seconds lifetime, std::optional<std::string> consent)
{
    auto code = random_claim_code();
    auto values = with_hash(code);
    values.add(owner.value());
    values.add(static_cast<std::int64_t>(lifetime.count()));
    values.add(consent);
    auto const made = co_await database.connections().run(
        "insert into claim_code (hash, account_id, expires_at, consent) "
        "values ($1::bytea, $2::int, now() + $3::bigint * interval '1 second', $4)",
        std::move(values));
    if (!made) co_return made.error();
    co_return std::move(code);
}

asio::awaitable<result<void>> record_registration(database& database, registration registration)
{
    auto const& seen = registration.seen_from;
    auto const v4 = seen.is_v4() ? std::optional(seen) : registration.local_v4;
    auto const v6 = seen.is_v6() ? std::optional(seen) : registration.local_v6;
    parameters values;
    values.add(registration.probe.value());
    values.add(static_cast<std::int64_t>(registration.boot_count));
    values.add(registration.software);
    values.add(text_of(v4));
    values.add(text_of(v6));
    values.add(text_of(registration.local_v4));
    values.add(text_of(registration.local_v6));
    auto const done = co_await database.connections().run(
        "update probe set boot_count = greatest(boot_count, $2::bigint), software = $3, address_v4 = $4::inet, "
        "address_v6 = $5::inet, local_v4 = $6::inet, local_v6 = $7::inet where id = $1::int",
        std::move(values));
    if (!done) co_return done.error();
    co_return result<void>{};
}

asio::awaitable<result<void>> record_location(database& database, probe_id probe, location location)
{
    if (location.empty()) co_return result<void>{};
    parameters values;
    values.add(probe.value());
    values.add(location.asn_v4);
    values.add(location.asn_v6);
    values.add(text_of(location.prefix_v4));
    values.add(text_of(location.prefix_v6));
    values.add(location.country);
    auto const done = co_await database.connections().run(
        "update probe set asn_v4 = coalesce($2::bigint, asn_v4), asn_v6 = coalesce($3::bigint, asn_v6), "
        "prefix_v4 = coalesce($4::cidr, prefix_v4), prefix_v6 = coalesce($5::cidr, prefix_v6), "
        "country = coalesce(nullif(upper($6), ''), country), country_by_address = country_by_address or $6 <> '' "
        "where id = $1::int",
        std::move(values));
    if (!done) co_return done.error();
    co_return result<void>{};
}

}  // namespace tp::store
