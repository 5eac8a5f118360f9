#include "api/controllers/endpoints.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/json_fields.hpp"
#include "api/paging.hpp"
#include "api/parameters.hpp"
#include "registry/placement/choose.hpp"
#include "registry/placement/rehearsal.hpp"
#include "store/fleet.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

constexpr std::size_t longest_reason = 1'000;  // octets

json::object controller_object(store::controller_record const& record)
{
    return {{"id", record.id.value()},
            {"type", "Controller"},
            {"name", record.name},
            {"addresses", json::array(record.addresses.begin(), record.addresses.end())},
            {"host_key", record.host_key.text()},
            {"capacity", record.capacity},
            {"sessions", record.sessions},
            {"placed", record.placed},
            {"standby", record.standby},
            {"heartbeat_age", record.heartbeat_age.count()},
            {"region", record.region},
            {"failure_domain", record.failure_domain},
            {"drained", record.drained},
            {"drained_because", record.drained ? json::value(record.drained_because) : json::value(nullptr)}};
}

using records = std::vector<store::controller_record>;

records::const_iterator find_named(records const& all, std::string const& name)
{
    return std::find_if(all.begin(), all.end(), [&](auto const& each) { return each.name == name; });
}

json::object rehearsal_object(registry::rehearsal const& played, records const& all,
                              std::vector<controller_id> const& lost)
{
    auto const name_of = [&](controller_id id) {
        return std::find_if(all.begin(), all.end(), [&](auto const& each) { return each.id == id; })->name;
    };
    json::array names, heirs;
    for (auto const id : lost) names.emplace_back(name_of(id));
    for (auto const& each : played.heirs) {
        heirs.push_back(json::object{{"name", name_of(each.id)},
                                     {"before", each.before},
                                     {"arriving", each.arriving},
                                     {"after", each.before + each.arriving},
                                     {"capacity", each.capacity}});
    }
    return {{"type", "Rehearsal"},
            {"lost", std::move(names)},
            {"probes", played.probes},
            {"at_once", played.at_once},
            {"by_the_registry", played.by_the_registry},
            {"waiting", played.waiting},
            {"controllers", std::move(heirs)}};
}

}  // namespace

checked<drain_request> parse_drain_request(std::string const& body)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    auto const drained = fields.flag("drained");
    if (!drained && faults.empty()) fields.missing("drained");
    drain_request out{drained.value_or(false), fields.text("reason", longest_reason).value_or("")};
    if (out.drained && out.reason.empty() && faults.empty()) fields.missing("reason");
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
}

asio::awaitable<http::response> list_controllers(context& shared, call given)
{
    if (!may(given.who, "controllers.list")) co_return answer(forbidden(""));
    auto const found = co_await store::list_controllers(shared.database);
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (auto const& each : *found) results.push_back(controller_object(each));
    co_return json_answer(whole_list(given.request, std::move(results)));
}

asio::awaitable<http::response> change_controller(context& shared, call given)
{
    if (!may(given.who, "controllers.change")) co_return answer(forbidden(""));
    auto wanted = parse_drain_request(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    auto const& name = given.values.at(0);
    auto const done =
        co_await store::drain_controller(shared.database, name, wanted->drained, std::move(wanted->reason));
    if (!done) co_return answer(from_store(done.error()));
    auto const all = co_await store::list_controllers(shared.database);
    if (!all) co_return answer(from_store(all.error()));
    auto const found = find_named(*all, name);
    if (found == all->end()) co_return answer(not_found());
    co_return json_answer(controller_object(*found));
}

asio::awaitable<http::response> rehearse_loss(context& shared, call given)
{
    if (!may(given.who, "controllers.list")) co_return answer(forbidden(""));
    auto const all = co_await store::list_controllers(shared.database);
    if (!all) co_return answer(from_store(all.error()));
    auto const named = find_named(*all, given.values.at(0));
    if (named == all->end()) co_return answer(not_found());
    auto const domain = read_flag(given.request, "domain");
    if (!domain) co_return answer(domain.error());
    std::vector<controller_id> lost;
    for (auto const& each : *all)
        if (each.id == named->id || (domain->value_or(false) && registry::share_fate(*named, each)))
            lost.push_back(each.id);
    auto const pairs = co_await store::placed_pairs(shared.database);
    if (!pairs) co_return answer(from_store(pairs.error()));
    co_return json_answer(rehearsal_object(registry::rehearse(*all, *pairs, lost), *all, lost));
}

}  // namespace tp::api
