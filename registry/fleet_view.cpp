#include "registry/fleet_view.hpp"

namespace tp::registry {

boost::asio::awaitable<result<std::vector<store::controller_record>>> fleet_view::controllers()
{
    auto const now = std::chrono::steady_clock::now();
    if (read_ && now - *read_ < fresh) co_return list_;
    auto found = co_await store::list_controllers(database_);
    if (!found) co_return found.error();
    list_ = std::move(*found);
    read_ = now;
    co_return list_;
}

void fleet_view::note_placed(std::optional<controller_id> before, controller_id now) noexcept
{
    for (auto& each : list_) {
        if (before == each.id && each.placed > 0) --each.placed;
        if (now == each.id) ++each.placed;
    }
}

}  // namespace tp::registry
