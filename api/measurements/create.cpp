#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <set>

#include "api/json_fields.hpp"
#include "api/measurements/addresses.hpp"
#include "api/measurements/definitions.hpp"
#include "api/measurements/endpoints.hpp"
#include "api/measurements/object.hpp"
#include "api/measurements/selection.hpp"
#include "api/measurements/types/types.hpp"
#include "proto/kind_names.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

/// What would go beyond a quota becomes a fault.
asio::awaitable<result<void>> check_quotas(context& shared, account_id account, creation const& wanted,
                                           std::vector<fault>& faults)
{
    auto const& limits = shared.limits;
    std::map<std::string, std::uint32_t> of_target;
    for (std::size_t i = 0; i < wanted.definitions.size(); ++i) {
        auto const& target = wanted.definitions[i].target;
        bool const seen = of_target.contains(target);
        auto& count = of_target[target];
        if (!seen) {
            auto const used = co_await store::measurement_usage(shared.database, account, target);
            if (!used) co_return used.error();
            count = used->of_target;
            if (i == 0 && used->of_account + wanted.definitions.size() > limits.running_per_account) {
                auto const detail = "We do not allow more than " + std::to_string(limits.running_per_account) +
                                    " concurrent measurements. You have " + std::to_string(used->of_account) + '.';
                faults.push_back({"", detail, fault::place::body});
            }
        }
        if (target.empty() || ++count <= limits.running_per_target) continue;
        auto const detail = "We do not allow more than " + std::to_string(limits.running_per_target) +
                            " concurrent measurements to the same target: " + target + '.';
        faults.push_back({pointer_to_definition(i, "target"), detail, fault::place::body});
    }
    co_return result<void>();
}

std::vector<int> families_of(creation const& wanted)
{
    std::set<int> out;
    for (auto const& one : wanted.definitions) out.insert(static_cast<int>(one.af));
    return {out.begin(), out.end()};
}

std::string capability_for(definition const& one)
{
    return proto::capability_for(proto::kind_of(one.options), one.af);
}

/// Who takes part in each definition: of the probes chosen for the request, those that can do it.
asio::awaitable<result<std::vector<std::vector<probe_id>>>> choose_participants(context& shared, creation& wanted)
{
    std::set<std::string> needed;
    for (auto const& one : wanted.definitions) needed.insert(capability_for(one));
    prefer_working(wanted.sources, families_of(wanted));
    require_capabilities(wanted.sources, {needed.begin(), needed.end()});
    std::vector<probe_id> nobody;
    auto const room = shared.limits.probes_per_measurement;
    auto const chosen = co_await select_probes(shared, wanted.sources, std::move(nobody), room);
    if (!chosen) co_return chosen.error();
    std::map<std::string, std::vector<probe_id>> able;
    if (needed.size() == 1) able.emplace(*needed.begin(), *chosen);  // they were asked for it already
    for (auto const& capability : needed) {
        if (able.contains(capability)) continue;
        auto among = *chosen;
        auto found = co_await store::capable_probes(shared.database, std::move(among), capability);
        if (!found) co_return found.error();
        able.emplace(capability, std::move(*found));
    }
    std::vector<std::vector<probe_id>> out;
    for (auto const& one : wanted.definitions) out.push_back(able.at(capability_for(one)));
    co_return std::move(out);
}

store::new_measurement to_measurement(definition const& one, std::optional<ip_address> address, creation const& wanted,
                                      account_id owner, std::vector<probe_id> const& participants)
{
    auto const placeholder = *measurement_id::from(1);  // the store gives the real one
    proto::job job{placeholder, one.af, one.target, std::move(address), one.when, one.options};
    std::uint32_t requested = 0;  // stays 0 when any source asks for all
    for (auto const& each : wanted.sources) requested += each.requested;
    for (auto const& each : wanted.sources) requested = each.all ? 0 : requested;
    auto protocol = protocol_of(one.options);
    return {std::move(job),      owner,     one.description, one.is_public,      one.tags,
            wanted.sources_text, requested, participants,    std::move(protocol)};
}

/// Everything between a well-formed request and its rows.
asio::awaitable<checked<std::vector<store::new_measurement>>> prepare(context& shared, call const& given,
                                                                      creation wanted)
{
    auto const owner = given.who.key->account;
    std::vector<fault> faults;
    auto const addresses = co_await resolve_targets(shared, wanted, faults);
    if (!addresses) co_return from_store(addresses.error());
    auto const sources_checked = co_await check_sources(shared, given.who, wanted.sources, "/probes", faults);
    if (!sources_checked) co_return from_store(sources_checked.error());
    auto const quotas_checked = co_await check_quotas(shared, owner, wanted, faults);
    if (!quotas_checked) co_return from_store(quotas_checked.error());
    if (!faults.empty()) co_return problem(400, {}, std::move(faults));

    auto const probes = co_await choose_participants(shared, wanted);
    if (!probes) co_return from_store(probes.error());
    std::vector<store::new_measurement> out;
    for (std::size_t i = 0; i < wanted.definitions.size(); ++i) {
        out.push_back(to_measurement(wanted.definitions[i], (*addresses)[i], wanted, owner, (*probes)[i]));
    }
    co_return out;
}

problem refused_targets(std::vector<store::target_refusal> const& refused)
{
    std::vector<fault> faults;
    for (auto const& one : refused)
        faults.push_back({pointer_to_definition(one.which, "target"), words_of(one), fault::place::body});
    return {400, {}, std::move(faults)};
}

}  // namespace

asio::awaitable<http::response> create_measurements(context& shared, call given)
{
    if (!may(given.who, "measurements.create_measurement")) co_return answer(forbidden(""));
    auto const only = type_in_path(given.request);
    auto wanted = parse_creation(given.request.body, shared.limits, wall_now(), only);
    if (!wanted) co_return answer(wanted.error());
    auto prepared = co_await prepare(shared, given, std::move(*wanted));
    if (!prepared) co_return answer(prepared.error());
    auto const done =
        co_await store::create_measurements(shared.database, std::move(*prepared), shared.limits.of_targets);
    if (!done) co_return answer(from_store(done.error()));
    if (!done->refused.empty()) co_return answer(refused_targets(done->refused));
    json::array ids;
    for (auto const id : done->made) ids.push_back(id.value());
    co_return json_answer(json::object{{"measurements", std::move(ids)}}, 201);
}

}  // namespace tp::api
