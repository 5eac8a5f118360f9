#include "controller/relay/pieces.hpp"

#include "base/coroutine.hpp"

namespace tp::controller {

asio::awaitable<result<piece_ptr>> pieces::get(piece_key key, steady_time until)
{
    if (auto held = cache_.find(key)) co_return held;
    if (auto const under_way = flights_.find(key); under_way != flights_.end()) {
        auto const joined = under_way->second;
        while (!joined->over) co_await joined->landed.async_wait(as_values);
        co_return joined->outcome;
    }
    auto const own = std::make_shared<flight>(flight{asio::steady_timer(executor_, steady_time::max())});
    flights_.emplace(key, own);
    own->outcome = co_await fetch(key, until);
    own->over = true;
    flights_.erase(key);
    own->landed.cancel();
    co_return own->outcome;
}

asio::awaitable<result<piece_ptr>> pieces::fetch(piece_key key, steady_time until)
{
    auto const entered = co_await reading_.enter(1, until);
    if (!entered) co_return entered.error();
    passage const inside(reading_, 1);
    auto octets = co_await within(limit_, read_(key));
    if (!octets) co_return octets.error();
    auto piece = std::make_shared<std::string const>(std::move(*octets));
    cache_.put(key, piece);
    co_return piece;
}

void pieces::close()
{
    reading_.close();
}

}  // namespace tp::controller
