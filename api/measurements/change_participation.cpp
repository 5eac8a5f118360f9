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

std::vector<probe_id> among(std::vector<probe_id> const& present, std::vector<std::int32_t> const& ids)
{
    std::vector<probe_id> out;
    for (auto const probe : present) {
        if (std::find(ids.begin(), ids.end(), probe.value()) != ids.end()) out.push_back(probe);
    }
    return out;
}

/// Nothing, or why the target takes no more.
asio::awaitable<result<std::optional<store::target_refusal>>> carry_out(context& shared,
                                                                        store::measurement_record const& record,
                                                                        participation_request wish)
{
    std::optional<store::target_refusal> nothing;
    auto present = co_await store::participants_of(shared.database, record.id);
    if (!present) co_return present.error();
    if (!wish.add) {
        auto leaving = among(*present, wish.from.filter.ids);
        if (leaving.empty()) co_return nothing;
        auto const removed = co_await store::remove_participants(shared.database, record.id, std::move(leaving));
        if (!removed) co_return removed.error();
        co_return nothing;
    }
    auto const most = shared.limits.probes_per_measurement;
    auto const room = present->size() < most ? most - present->size() : 0;
    std::vector<source> sources{std::move(wish.from)};
    int const families[] = {static_cast<int>(record.job.af)};
    prefer_working(sources, families);
    require_capabilities(sources, {proto::capability_for(proto::kind_of(record.job.options), record.job.af)});
    auto joining = co_await select_probes(shared, std::move(sources), std::move(*present), room);
    if (!joining) co_return joining.error();
    if (joining->empty()) co_return nothing;
    co_return co_await store::add_participants(shared.database, record.id, std::move(*joining),
                                               shared.limits.of_targets);
}

}  // namespace

asio::awaitable<http::response> change_participation(context& shared, call given)
{
    auto const found = co_await own_measurement(shared, given, "measurements.change_measurement");
    if (!found) co_return answer(found.error());
    auto wishes = parse_participation(given.request.body, shared.limits);
    if (!wishes) co_return answer(wishes.error());
    std::vector<source> sources;
    for (auto const& wish : *wishes) sources.push_back(wish.from);
    std::vector<fault> faults;
    auto const checked_sources = co_await check_sources(shared, given.who, sources, "", faults);
    if (!checked_sources) co_return answer(from_store(checked_sources.error()));
    if (!faults.empty()) co_return answer(problem(400, {}, std::move(faults)));
    json::array numbers;
    for (auto& wish : *wishes) {
        auto const done = co_await carry_out(shared, *found, std::move(wish));
        if (!done) co_return answer(from_store(done.error()));
        if (*done) co_return answer(bad_body("", words_of(**done)));
        numbers.push_back(next_request_number());
    }
    co_return json_answer(json::object{{"request_ids", std::move(numbers)}}, 201);
}

}  // namespace tp::api
