#include "registry/director/listing.hpp"

#include "base/log.hpp"
#include "store/signed_targets.hpp"

namespace tp::registry {

boost::asio::awaitable<void> listing::look(wall_time now)
{
    if (now < next_ && next_ - now <= again_after) co_return;  // later than that: the clock was set back
    auto const done = co_await keep_up(now);
    if (!done && well_) log::warning("registry", "the list of what was signed lags: " + done.error().message());
    well_ = done.has_value();
    if (!well_) next_ = now + again_after;
}

boost::asio::awaitable<result<void>> listing::keep_up(wall_time now)
{
    auto const fresh = co_await store::unlisted_repository(database_);
    if (!fresh) co_return fresh.error();
    if (!*fresh) co_return result<void>{};
    auto const verified = co_await repository_.refresh(now);
    if (!verified) co_return verified.error();
    auto found = co_await repository_.list();
    if (!found) co_return found.error();
    std::vector<store::signed_target> all;
    all.reserve(found->size());
    for (auto& each : *found)
        all.push_back({std::move(each.path), std::move(each.model), each.release, each.length, std::move(each.sha256)});
    co_return co_await store::list_signed_targets(database_, **fresh, std::move(all));
}

}  // namespace tp::registry
