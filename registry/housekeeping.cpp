#include "registry/housekeeping.hpp"

#include "base/coroutine.hpp"
#include "base/log.hpp"
#include "store/connections.hpp"
#include "store/fleet.hpp"

namespace tp::registry {

boost::asio::awaitable<void> housekeeping::run()
{
    bool well = true;
    steady_time tags_due{};
    for (;;) {  // left by cancellation only
        auto const now = std::chrono::steady_clock::now();
        bool const tags = now >= tags_due;
        auto const outcome = co_await round(tags);
        if (outcome && tags) tags_due = now + tags_every;
        if (!outcome && well) log::warning("registry", "housekeeping failed: " + outcome.error().message());
        well = outcome.has_value();
        co_await pause_for(every);
    }
}

boost::asio::awaitable<result<void>> housekeeping::round(bool tags)
{
    // A controller that died cannot say that its sessions have ended.
    auto const closed = co_await store::close_sessions_of_silent(database, controller_is_gone);
    if (!closed) co_return closed.error();
    auto const located = co_await locate();
    if (!located || !tags) co_return located;
    auto const usual = co_await store::refresh_typical_distances(database);
    if (!usual) co_return usual;
    co_return co_await store::refresh_system_tags(database);
}

/// Controllers see addresses; in which network these lie, the registry's files know.
boost::asio::awaitable<result<void>> housekeeping::locate()
{
    auto const sessions = co_await store::unlocated_sessions(database, most_located);
    if (!sessions) co_return sessions.error();
    std::vector<store::located_session> found;
    found.reserve(sessions->size());
    for (auto const& each : *sessions) {
        auto const network = places.find(each.address);
        found.push_back({each.number, network.asn, network.prefix, network.country});
    }
    co_return co_await store::locate_sessions(database, std::move(found));
}

}  // namespace tp::registry
