#include "api/probes/endpoints.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/hosting/requests.hpp"
#include "api/paging.hpp"
#include "api/parameters.hpp"
#include "api/probes/list_filter.hpp"
#include "api/probes/object.hpp"
#include "base/ssh/keys.hpp"
#include "store/enrolment.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

asio::awaitable<http::response> list(context& shared, call const& given, bool mine)
{
    auto const at = parse_page(given.request, page::all_probes);
    if (!at) co_return answer(at.error());
    auto filter = parse_probe_filter(given.request);
    if (!filter) co_return answer(filter.error());
    if (!mine && !given.who.is_operator()) filter->trust.reset();  // whom we trust is for them and the host
    if (mine) filter->owner = given.who.key->account;
    filter->hidden_addresses = may(given.who, "probes.list_probes") && (mine || given.who.is_operator());
    filter->offset = at->offset();
    filter->limit = at->size;
    auto const found = co_await store::list_probes(shared.database, std::move(*filter));
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (auto const& record : found->rows) {
        auto object = probe_object(record, given.who);
        shape_object(object, given.request);
        results.push_back(std::move(object));
    }
    co_return json_answer(envelope(given.request, *at, found->count, std::move(results)));
}

/// A host's tags are its own, but those of the lab: sent back as they were read, they stay; new ones it may not set.
bool leave_lab_to_operators(store::probe_change& change, store::probe_record const& now)
{
    change.keeps_lab = true;
    if (!change.user_tags) return true;
    auto const is_new = [&](std::string const& tag) {
        return store::is_lab_tag(tag) && std::find(now.tags.begin(), now.tags.end(), tag) == now.tags.end();
    };
    if (std::any_of(change.user_tags->begin(), change.user_tags->end(), is_new)) return false;
    std::erase_if(*change.user_tags, store::is_lab_tag);
    return true;
}

}  // namespace

asio::awaitable<http::response> list_probes(context& shared, call given)
{
    auto const mine = read_flag(given.request, "mine");
    if (!mine) co_return answer(mine.error());
    co_return co_await list(shared, given, mine->value_or(false) && given.who.key);
}

asio::awaitable<http::response> list_my_probes(context& shared, call given)
{
    if (!may(given.who, "probes.list_probes")) co_return answer(forbidden(""));
    co_return co_await list(shared, given, true);
}

asio::awaitable<http::response> get_probe(context& shared, call given)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return answer(id.error());
    auto const found = co_await store::find_probe_by_id(shared.database, *id);
    if (!found) co_return answer(from_store(found.error()));
    auto object = probe_object(*found, given.who);
    shape_object(object, given.request);
    co_return json_answer(object);
}

asio::awaitable<http::response> add_probe(context& shared, call given)
{
    if (!may(given.who, "probes.add")) co_return answer(forbidden(""));
    auto wanted = parse_new_probe(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    auto key = ssh::public_key::parse(wanted->public_key);
    if (!key) co_return answer(bad_body("/public_key", "An Ed25519 public key is required: \"ssh-ed25519 AAAA...\"."));
    auto consent = agreed(wanted->consent, shared.terms);
    if (!consent) co_return answer(consent.error());
    auto const owner = given.who.key->account;
    auto const made = co_await store::add_probe(shared.database, std::move(*key), owner, std::move(wanted->description),
                                                std::move(*consent));
    if (!made && made.error() == errc::conflict) {
        co_return answer(bad_body("/public_key", "A probe with this key exists already."));
    }
    if (!made) co_return answer(from_store(made.error()));
    co_return json_answer(json::object{{"id", made->value()}, {"type", "Probe"}}, 201);
}

asio::awaitable<http::response> change_probe(context& shared, call given)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return answer(id.error());
    auto const found = co_await store::find_probe_by_id(shared.database, *id);
    if (!found) co_return answer(from_store(found.error()));
    if (!sees_private(given.who, found->owner, "probes.change")) co_return answer(forbidden(""));
    auto change = parse_probe_change(given.request.body);
    if (!change) co_return answer(change.error());
    if (!given.who.is_operator() && !leave_lab_to_operators(*change, *found))
        co_return answer(forbidden("The tag lab, and tags that begin with lab-, are the operators' to set."));
    auto const done = co_await store::change_probe(shared.database, *id, std::move(*change));
    if (!done) co_return answer(from_store(done.error()));
    co_return co_await get_probe(shared, std::move(given));
}

asio::awaitable<http::response> make_claim_code(context& shared, call given)
{
    if (!may(given.who, "probes.add")) co_return answer(forbidden(""));
    auto const wanted = parse_claim(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    auto consent = agreed(wanted->consent, shared.terms);
    if (!consent) co_return answer(consent.error());
    auto const code =
        co_await store::make_claim_code(shared.database, given.who.key->account, wanted->lifetime, std::move(*consent));
    if (!code) co_return answer(from_store(code.error()));
    co_return json_answer(json::object{{"code", *code}, {"lifetime", wanted->lifetime.count()}}, 201);
}

}  // namespace tp::api
