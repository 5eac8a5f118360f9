#include "api/keys/endpoints.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/keys/requests.hpp"
#include "api/paging.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

json::array grants_of(std::vector<std::string> const& scopes)
{
    json::array out;
    for (auto const& scope : scopes) out.push_back(json::object{{"permission", scope}, {"target", nullptr}});
    return out;
}

json::object key_object(store::key_record const& record, wall_time now)
{
    bool const active = record.enabled && (!record.valid_to || *record.valid_to > now);
    json::object out{{"uuid", record.uuid},       {"type", "key"},       {"label", record.label},
                     {"enabled", record.enabled}, {"is_active", active}, {"valid_from", nullptr}};
    out["created_at"] = to_unix_seconds(record.created);
    out["valid_to"] = record.valid_to ? json::value(to_unix_seconds(*record.valid_to)) : json::value(nullptr);
    out["grants"] = grants_of(record.scopes);
    return out;
}

/// When the key that asks ends. Errors: errc::not_found if it has gone meanwhile.
result<std::optional<wall_time>> end_of(std::vector<store::key_record> const& keys, std::string const& uuid)
{
    auto const own = std::find_if(keys.begin(), keys.end(), [&](auto const& each) { return each.uuid == uuid; });
    if (own == keys.end()) return errc::not_found;
    return own->valid_to;
}

}  // namespace

asio::awaitable<http::response> list_keys(context& shared, call given)
{
    if (!may(given.who, "keys.list_keys")) co_return answer(forbidden(""));
    auto const found = co_await store::list_keys(shared.database, given.who.key->account);
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    auto const now = wall_now();
    for (auto const& record : *found) results.push_back(key_object(record, now));
    co_return json_answer(whole_list(given.request, std::move(results)));
}

asio::awaitable<http::response> create_key(context& shared, call given)
{
    if (!may(given.who, "keys.create")) co_return answer(forbidden(""));
    auto asked = parse_key_request(given.request.body, wall_now());
    if (!asked) co_return answer(asked.error());
    auto const& asking = *given.who.key;
    auto const keys = co_await store::list_keys(shared.database, asking.account);
    if (!keys) co_return answer(from_store(keys.error()));
    auto const end = end_of(*keys, asking.uuid);
    if (!end) co_return answer(from_store(end.error()));
    auto const wanted = within_key(std::move(*asked), asking, *end);
    if (!wanted) co_return answer(wanted.error());
    auto const made =
        co_await store::create_key(shared.database, asking.account, wanted->label, wanted->scopes, wanted->valid_to);
    if (!made) co_return answer(from_store(made.error()));
    // The secret is what Atlas calls uuid in this one answer, and masks later; in lists it is the key's name here.
    json::object out{
        {"uuid", made->key}, {"key", made->key}, {"id", made->uuid}, {"type", "key"}, {"label", wanted->label}};
    out["valid_to"] = wanted->valid_to ? json::value(to_unix_seconds(*wanted->valid_to)) : json::value(nullptr);
    out["grants"] = grants_of(wanted->scopes);
    co_return json_answer(out, 201);
}

asio::awaitable<http::response> delete_key(context& shared, call given)
{
    if (!may(given.who, "keys.delete")) co_return answer(forbidden(""));
    auto const done = co_await store::disable_key(shared.database, given.who.key->account, given.values.at(0));
    if (!done) co_return answer(from_store(done.error()));
    co_return no_content();
}

asio::awaitable<http::response> list_permissions(context&, call given)
{
    json::array results;
    for (auto const& each : permissions()) {
        results.push_back(json::object{{"id", each.scope},
                                       {"type", "permission"},
                                       {"permission", each.scope},
                                       {"description", each.meaning},
                                       {"role", name_of(each.least)}});
    }
    co_return json_answer(whole_list(given.request, std::move(results)));
}

asio::awaitable<http::response> create_account(context& shared, call given)
{
    if (!may(given.who, "accounts.create")) co_return answer(forbidden(""));
    auto const wanted = parse_account_request(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    auto const made = co_await store::create_account(shared.database, wanted->email, wanted->role);
    if (!made && made.error() == errc::conflict) co_return answer(bad_body("/email", "This address has an account."));
    if (!made) co_return answer(from_store(made.error()));
    std::vector<std::string> everything{"*"};
    std::optional<wall_time> const for_ever;
    auto const key = co_await store::create_key(shared.database, *made, "first key", std::move(everything), for_ever);
    if (!key) co_return answer(from_store(key.error()));
    json::object out{{"id", made->value()}, {"type", "account"}, {"email", wanted->email}};
    out["role"] = name_of(wanted->role);
    out["key"] = key->key;
    co_return json_answer(out, 201);
}

}  // namespace tp::api
