#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/measurements/addresses.hpp"
#include "api/measurements/endpoints.hpp"
#include "api/measurements/participation.hpp"
#include "api/measurements/selection.hpp"
#include "proto/kind_names.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

/// Requests are carried out at once and not kept, so their numbers only have to differ: they count on from the time of
/// the first one in this process.
std::int32_t next_request_number()
{
    static auto next = static_cast<std::int32_t>(to_unix_seconds(wall_now()) % 1'000'000'000);
    return ++next;
}

/// Those of `these` that are not among `others`.
std::vector<probe_id> without(std::vector<probe_id> const& these, std::vector<probe_id> const& others)
{
    std::vector<probe_id> out;
    for (auto const probe : these)
        if (std::find(others.begin(), others.end(), probe) == others.end()) out.push_back(probe);
    return out;
}

asio::awaitable<result<std::vector<probe_id>>> find_joining(context& shared, store::measurement_record const& record,
                                                            source from, std::vector<probe_id> present)
{
    auto const most = shared.limits.probes_per_measurement;
    auto const room = present.size() < most ? most - present.size() : 0;
    std::vector<source> sources{std::move(from)};
    int const families[] = {static_cast<int>(record.job.af)};
    prefer_working(sources, families);
    require_capabilities(sources, {proto::capability_for(proto::kind_of(record.job.options), record.job.af)});
    co_return co_await select_probes(shared, std::move(sources), std::move(present), room);
}

/// What all wishes come to, one after the other.
asio::awaitable<result<store::participation_change>> add_up(context& shared, store::measurement_record const& record,
                                                            std::vector<participation_request> wishes)
{
    auto const before = co_await store::participants_of(shared.database, record.id);
    if (!before) co_return before.error();
    auto present = *before;
    for (auto& wish : wishes) {
        if (!wish.add) {
            auto const& named = wish.from.filter.ids;
            std::erase_if(present, [&](probe_id probe) {
                return std::find(named.begin(), named.end(), probe.value()) != named.end();
            });
            continue;
        }
        auto already = present;
        auto const joining = co_await find_joining(shared, record, std::move(wish.from), std::move(already));
        if (!joining) co_return joining.error();
        present.insert(present.end(), joining->begin(), joining->end());
    }
    co_return store::participation_change{without(*before, present), without(present, *before)};
}

}  // namespace

asio::awaitable<http::response> change_participation(context& shared, call given)
{
    auto const found = co_await own_measurement(shared, given, "measurements.change_measurement");
    if (!found) co_return answer(found.error());
    if (found->status == store::measurement_status::stopped)
        co_return answer(bad_body("", "This measurement has ended: probes join and leave one that runs."));
    auto wishes = parse_participation(given.request.body, shared.limits);
    if (!wishes) co_return answer(wishes.error());
    std::vector<source> sources;
    for (auto const& wish : *wishes) sources.push_back(wish.from);
    std::vector<fault> faults;
    auto const checked_sources = co_await check_sources(shared, given.who, sources, "", faults);
    if (!checked_sources) co_return answer(from_store(checked_sources.error()));
    if (!faults.empty()) co_return answer(problem(400, {}, std::move(faults)));
    json::array numbers;
    for (std::size_t i = 0; i < wishes->size(); ++i) numbers.push_back(next_request_number());
    auto change = co_await add_up(shared, *found, std::move(*wishes));
    if (!change) co_return answer(from_store(change.error()));
    auto const refused =
        co_await store::change_participants(shared.database, found->id, std::move(*change), shared.limits.of_targets);
    if (!refused) co_return answer(from_store(refused.error()));
    if (*refused) co_return answer(bad_body("", words_of(**refused)));
    co_return json_answer(json::object{{"request_ids", std::move(numbers)}}, 201);
}

}  // namespace tp::api
