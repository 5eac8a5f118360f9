#include "api/factory/endpoints.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/factory/document.hpp"
#include "api/json_fields.hpp"
#include "base/log.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;
using store::batch_state;

constexpr std::size_t longest_reason = 1'000;  // octets
constexpr std::array states{choice<batch_state>{"no", batch_state::thawed},
                            choice<batch_state>{"unclaimed", batch_state::unclaimed_frozen},
                            choice<batch_state>{"all", batch_state::all_frozen}};

json::object batch_object(store::factory_batch const& batch)
{
    return {{"type", "FactoryList"},
            {"batch", batch.name},
            {"version", batch.version},
            {"imported_at", to_unix_seconds(batch.imported)},
            {"devices", batch.devices},
            {"claimed", batch.claimed},
            {"frozen", batch.frozen.empty() ? "no" : batch.frozen},
            {"frozen_because", batch.frozen_because}};
}

}  // namespace

checked<freeze_request> parse_freeze_request(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    freeze_request out;
    if (fields.find("frozen") == nullptr) fields.missing("frozen");
    fields.read("frozen", states, out.to);
    out.reason = fields.text("reason", longest_reason).value_or("");
    if (out.reason.empty() && out.to != batch_state::thawed && faults.empty()) fields.missing("reason");
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

asio::awaitable<http::response> list_factory_lists(context& shared, call given)
{
    if (!may(given.who, "factory.manage")) co_return answer(forbidden(""));
    auto const found = co_await store::list_factory_batches(shared.database);
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (auto const& each : *found) results.push_back(batch_object(each));
    co_return json_answer(json::object{{"count", results.size()}, {"results", std::move(results)}});
}

asio::awaitable<http::response> import_factory_list(context& shared, call given)
{
    if (!may(given.who, "factory.manage")) co_return answer(forbidden(""));
    auto list = judge_factory_list(std::move(given.request.body), shared.terms.factory, wall_now());
    if (!list) co_return answer(list.error());
    auto const named = list->batch;
    auto const version = list->version;
    auto const devices = list->devices.size();
    auto const by = given.who.key->account;
    auto const done = co_await store::import_factory_list(shared.database, std::move(*list), by);
    if (!done && done.error() == errc::conflict)
        co_return answer(problem(409, "This batch is known, and this version of its list is not newer.", {}));
    if (!done) co_return answer(from_store(done.error()));
    if (!done->wrong.empty()) co_return answer(problem(409, "Nothing was imported: " + done->wrong + '.', {}));
    log::info("api", "factory list " + named + ", version " + std::to_string(version) + ": " +
                         std::to_string(done->added) + " new devices, imported by account " + by.text());
    co_return json_answer(json::object{{"type", "FactoryList"},
                                       {"batch", named},
                                       {"version", version},
                                       {"devices", devices},
                                       {"added", done->added}},
                          201);
}

asio::awaitable<http::response> change_factory_batch(context& shared, call given)
{
    if (!may(given.who, "factory.manage")) co_return answer(forbidden(""));
    auto const& name = given.values.at(0);
    auto wanted = parse_freeze_request(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    auto const done = co_await store::freeze_batch(shared.database, name, wanted->to, std::move(wanted->reason));
    if (!done) co_return answer(from_store(done.error()));
    log::info("api", "factory batch " + name + ": frozen: " + std::string(name_in(states, wanted->to)) +
                         ", by account " + given.who.key->account.text());
    co_return json_answer(
        json::object{{"type", "FactoryList"}, {"batch", name}, {"frozen", name_in(states, wanted->to)}});
}

}  // namespace tp::api
