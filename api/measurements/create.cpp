#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <set>

#include "api/json_fields.hpp"
#include "api/measurements/definitions.hpp"
#include "api/measurements/endpoints.hpp"
#include "api/measurements/resolver.hpp"
#include "api/measurements/selection.hpp"
#include "api/measurements/targets.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

/// For all names of one request together.
constexpr std::chrono::milliseconds resolve_limit{8'000};

std::string target_pointer(std::size_t index)
{
    return "/definitions/" + std::to_string(index) + "/target";
}

/// The address of each definition's target; none where the probe resolves. What cannot be used becomes a fault.
asio::awaitable<std::vector<std::optional<ip_address>>> resolve_targets(context& shared, creation const& wanted,
                                                                        std::vector<fault>& faults)
{
    auto const until = std::chrono::steady_clock::now() + resolve_limit;
    std::map<std::pair<std::string, proto::family>, result<ip_address>> known;
    std::vector<std::optional<ip_address>> out;
    for (std::size_t i = 0; i < wanted.definitions.size(); ++i) {
        auto const& one = wanted.definitions[i];
        auto found = parse_address(one.target);
        out.emplace_back();
        if (!found && one.resolve_on_probe) continue;
        auto const key = std::pair(one.target, one.af);
        if (auto const before = known.find(key); before != known.end()) {
            found = before->second;
        } else if (!found) {
            auto const left = until - std::chrono::steady_clock::now();
            auto const limit = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(left), {});
            found = co_await shared.names.lookup(one.target, one.af, limit);
        }
        known.emplace(key, found);
        if (!found) {
            faults.push_back({target_pointer(i), "target: This target cannot be resolved", fault::place::body});
        } else if (is_special(*found) && !shared.limits.allow_special_targets) {
            faults.push_back({target_pointer(i), "target: Addresses in special-purpose space cannot be measured",
                              fault::place::body});
        } else {
            out.back() = *found;
        }
    }
    co_return out;
}

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
        if (++count <= limits.running_per_target) continue;
        auto const detail = "We do not allow more than " + std::to_string(limits.running_per_target) +
                            " concurrent measurements to the same target: " + target + '.';
        faults.push_back({target_pointer(i), detail, fault::place::body});
    }
    co_return result<void>();
}

std::vector<int> families_of(creation const& wanted)
{
    std::set<int> out;
    for (auto const& one : wanted.definitions) out.insert(static_cast<int>(one.af));
    return {out.begin(), out.end()};
}

store::new_measurement to_measurement(definition const& one, std::optional<ip_address> address, creation const& wanted,
                                      account_id owner, std::vector<probe_id> const& participants)
{
    auto const placeholder = *measurement_id::from(1);  // the store gives the real one
    proto::job job{placeholder, one.af, one.target, std::move(address), one.when, one.ping};
    std::uint32_t requested = 0;  // stays 0 when any source asks for all
    for (auto const& each : wanted.sources) requested += each.requested;
    for (auto const& each : wanted.sources) requested = each.all ? 0 : requested;
    return {std::move(job),      owner,     one.description, one.is_public, one.tags,
            wanted.sources_text, requested, participants};
}

/// Everything between a well-formed request and its rows.
asio::awaitable<checked<std::vector<store::new_measurement>>> prepare(context& shared, call const& given,
                                                                      creation wanted)
{
    auto const owner = given.who.key->account;
    std::vector<fault> faults;
    auto const addresses = co_await resolve_targets(shared, wanted, faults);
    auto const sources_checked = co_await check_sources(shared, given.who, wanted.sources, "/probes", faults);
    if (!sources_checked) co_return from_store(sources_checked.error());
    auto const quotas_checked = co_await check_quotas(shared, owner, wanted, faults);
    if (!quotas_checked) co_return from_store(quotas_checked.error());
    if (!faults.empty()) co_return problem(400, {}, std::move(faults));

    prefer_working(wanted.sources, families_of(wanted));
    std::vector<probe_id> nobody;
    auto const room = shared.limits.probes_per_measurement;
    auto const probes = co_await select_probes(shared, wanted.sources, std::move(nobody), room);
    if (!probes) co_return from_store(probes.error());
    std::vector<store::new_measurement> out;
    for (std::size_t i = 0; i < wanted.definitions.size(); ++i) {
        out.push_back(to_measurement(wanted.definitions[i], addresses[i], wanted, owner, *probes));
    }
    co_return out;
}

}  // namespace

asio::awaitable<http::response> create_measurements(context& shared, call given)
{
    if (!may(given.who, "measurements.create_measurement")) co_return answer(forbidden(""));
    auto const only = given.request.path.find("/measurements/ping") != std::string::npos ? "ping" : "";
    auto wanted = parse_creation(given.request.body, shared.limits, wall_now(), only);
    if (!wanted) co_return answer(wanted.error());
    auto prepared = co_await prepare(shared, given, std::move(*wanted));
    if (!prepared) co_return answer(prepared.error());
    auto const made = co_await store::create_measurements(shared.database, std::move(*prepared));
    if (!made) co_return answer(from_store(made.error()));
    json::array ids;
    for (auto const id : *made) ids.push_back(id.value());
    co_return json_answer(json::object{{"measurements", std::move(ids)}}, 201);
}

}  // namespace tp::api
