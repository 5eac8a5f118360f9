#include "store/accounts.hpp"

#include "store/pool.hpp"
#include "store/random.hpp"

namespace tp::store {
namespace asio = boost::asio;
namespace {

constexpr char first_email[] = "admin@localhost";

std::string text_of(role value)
{
    switch (value) {
        case role::host:
            return "host";
        case role::user:
            return "user";
        case role::operator_:
            return "operator";
        case role::admin:
            return "admin";
    }
    return "host";
}

role role_from(std::string_view text)
{
    if (text == "admin") return role::admin;
    if (text == "operator") return role::operator_;
    return text == "user" ? role::user : role::host;
}

/// UUIDs are one whatever the case of their letters.
std::string canonical(std::string key)
{
    for (auto& c : key) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    return key;
}

}  // namespace

asio::awaitable<result<credential>> find_credential(database& database, std::string key)
{
    parameters values;
    values.add_octets(sha256(canonical(std::move(key))));
    auto const found = co_await database.connections().run(
        "select k.uuid, a.id, a.email, a.role, k.scopes from api_key k join account a on a.id = k.account_id "
        "where k.hash = $1::bytea and k.enabled and (k.valid_to is null or k.valid_to > now())",
        std::move(values));
    if (!found) co_return found.error();
    if (found->empty()) co_return errc::not_found;
    auto const account = account_id::from(found->integer(0, 1));
    if (!account) co_return account.error();
    co_return credential{found->text(0, 0), *account, found->text(0, 2), role_from(found->text(0, 3)),
                         found->texts(0, 4)};
}

asio::awaitable<result<new_key>> create_key(database& database, account_id account, std::string label,
                                            std::vector<std::string> scopes, std::optional<wall_time> valid_to)
{
    new_key made{random_uuid(), random_uuid()};
    parameters values;
    values.add(made.uuid);
    values.add_octets(sha256(made.key));
    values.add(account.value());
    values.add(label);
    values.add(scopes);
    values.add(valid_to);
    auto const done = co_await database.connections().run(
        "insert into api_key (uuid, hash, account_id, label, scopes, valid_to) "
        "values ($1::uuid, $2::bytea, $3::int, $4, $5::text[], moment($6::bigint))",
        std::move(values));
    if (!done) co_return done.error();
    co_return std::move(made);
}

asio::awaitable<result<std::vector<key_record>>> list_keys(database& database, account_id account)
{
    auto const found = co_await database.connections().run(
        "select uuid, label, enabled, scopes, micros(created_at), micros(valid_to) from api_key where account_id = "
        "$1::int "
        "order by created_at",
        parameters::of(account.value()));
    if (!found) co_return found.error();
    std::vector<key_record> out;
    for (int row = 0; row < found->count(); ++row) {
        out.push_back({found->text(row, 0), found->text(row, 1), found->flag(row, 2), found->texts(row, 3),
                       found->time(row, 4), found->optional_time(row, 5)});
    }
    co_return std::move(out);
}

asio::awaitable<result<void>> disable_key(database& database, account_id account, std::string uuid)
{
    // Compared as text, so that a malformed name is one that is not found.
    auto const name = canonical(std::move(uuid));
    auto values = parameters::of(account.value(), name);
    values.add_octets(sha256(name));
    auto const done = co_await database.connections().run(
        "update api_key set enabled = false where account_id = $1::int and (uuid::text = $2 or hash = $3::bytea)",
        std::move(values));
    if (!done) co_return done.error();
    if (done->affected() == 0) co_return errc::not_found;
    co_return result<void>{};
}

asio::awaitable<result<account_id>> create_account(database& database, std::string email, role role)
{
    auto const made = co_await database.connections().run(
        "insert into account (email, role) values ($1, $2) returning id", parameters::of(email, text_of(role)));
    if (!made) co_return made.error();
    co_return account_id::from(made->integer(0, 0));
}

asio::awaitable<result<account_id>> first_administrator(database& database)
{
    auto const made = co_await database.connections().run(
        "with made as (insert into account (email, role) values ($1, 'admin') on conflict (email) do nothing returning "
        "id) "
        "select id from made union all select id from account where email = $1",
        parameters::of(first_email));
    if (!made) co_return made.error();
    if (made->empty()) co_return errc::conflict;
    co_return account_id::from(made->integer(0, 0));
}

}  // namespace tp::store
