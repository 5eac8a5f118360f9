#include "api/rollouts/endpoints.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <random>

#include "api/paging.hpp"
#include "api/rollouts/object.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;
using store::rollout_id;

constexpr std::uint32_t most_listed = 200, shown_troubles = 50, shown_events = 100;

asio::awaitable<http::response> page_of(context& shared, rollout_id id, unsigned status)
{
    auto const record = co_await store::find_rollout(shared.database, id);
    if (!record) co_return answer(from_store(record.error()));
    rollout_seen seen;
    auto counts = co_await store::count_rollout(shared.database, id);
    if (!counts) co_return answer(from_store(counts.error()));
    seen.counts = std::move(*counts);
    auto troubles = co_await store::troubles_of(shared.database, id, shown_troubles);
    if (!troubles) co_return answer(from_store(troubles.error()));
    seen.troubles = std::move(*troubles);
    auto history = co_await store::rollout_history(shared.database, id, shown_events);
    if (!history) co_return answer(from_store(history.error()));
    seen.history = std::move(*history);
    co_return json_answer(rollout_page(*record, seen), status);
}

/// What a failed approval or steering means here.
problem not_now(error_code why, std::string detail)
{
    return why == errc::conflict ? problem(409, std::move(detail), {}) : from_store(why);
}

asio::awaitable<http::response> steer(context& shared, call given, std::string wish, bool needs_reason)
{
    if (!may(given.who, "rollouts.change")) co_return answer(forbidden(""));
    auto const id = id_in_path<rollout_id>(given);
    if (!id) co_return answer(id.error());
    auto reason = parse_steering(given.request.body, needs_reason);
    if (!reason) co_return answer(reason.error());
    auto const done =
        co_await store::steer_rollout(shared.database, *id, wish, std::move(*reason), given.who.key->account);
    if (!done) {
        co_return answer(
            not_now(done.error(), "The rollout is halted or complete, or was told to " + wish + " before."));
    }
    co_return co_await page_of(shared, *id, 200);
}

}  // namespace

asio::awaitable<http::response> list_rollouts(context& shared, call given)
{
    if (!may(given.who, "rollouts.list")) co_return answer(forbidden(""));
    auto const found = co_await store::list_rollouts(shared.database, most_listed);
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (auto const& each : *found) results.push_back(rollout_object(each));
    co_return json_answer(whole_list(given.request, std::move(results)));
}

asio::awaitable<http::response> create_rollout(context& shared, call given)
{
    if (!may(given.who, "rollouts.change")) co_return answer(forbidden(""));
    auto wanted = parse_rollout_request(given.request.body);
    if (!wanted) co_return answer(wanted.error());
    // Nobody is to be the first each time.
    if (wanted->wanted.seed == 0) wanted->wanted.seed = static_cast<std::int64_t>(std::random_device{}());
    auto const id = co_await store::create_rollout(shared.database, std::move(wanted->wanted),
                                                   std::move(wanted->targets), given.who.key->account);
    if (!id) co_return answer(from_store(id.error()));
    co_return co_await page_of(shared, *id, 201);
}

asio::awaitable<http::response> get_rollout(context& shared, call given)
{
    if (!may(given.who, "rollouts.list")) co_return answer(forbidden(""));
    auto const id = id_in_path<rollout_id>(given);
    if (!id) co_return answer(id.error());
    co_return co_await page_of(shared, *id, 200);
}

asio::awaitable<http::response> approve_rollout(context& shared, call given)
{
    if (!may(given.who, "rollouts.change")) co_return answer(forbidden(""));
    auto const id = id_in_path<rollout_id>(given);
    if (!id) co_return answer(id.error());
    auto const done = co_await store::approve_rollout(shared.database, *id, given.who.key->account);
    if (!done) {
        co_return answer(not_now(done.error(),
                                 "You have approved it before, or it does not wait for approval: a "
                                 "forced rollout needs two persons."));
    }
    co_return co_await page_of(shared, *id, 200);
}

asio::awaitable<http::response> pause_rollout(context& shared, call given)
{
    return steer(shared, std::move(given), "pause", true);
}

asio::awaitable<http::response> resume_rollout(context& shared, call given)
{
    return steer(shared, std::move(given), "go", false);
}

asio::awaitable<http::response> halt_rollout(context& shared, call given)
{
    return steer(shared, std::move(given), "halt", true);
}

}  // namespace tp::api
