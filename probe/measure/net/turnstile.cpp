#include "probe/measure/net/turnstile.hpp"

#include "base/coroutine.hpp"

namespace tp::probe {

/// Lives in the coroutine that waits. Leaves the queue with it, also when that is cancelled, and hands on what it was
/// given but did not take.
struct turnstile::waiter {
    waiter(turnstile& whose, asio::steady_timer::duration limit) : from(whose), timer(whose.executor_, limit)
    {
        place = from.waiting_.insert(from.waiting_.end(), this);
    }
    waiter(waiter const&) = delete;
    waiter& operator=(waiter const&) = delete;
    ~waiter()
    {
        if (!given)
            from.waiting_.erase(place);
        else if (!taken)
            leave{}(&from);
    }

    turnstile& from;
    asio::steady_timer timer;
    std::list<waiter*>::iterator place;
    bool given = false, taken = false;
};

void turnstile::leave::operator()(turnstile* from) const noexcept
{
    if (from->waiting_.empty()) {
        ++from->free_;
        return;
    }
    auto* const next = from->waiting_.front();
    from->waiting_.pop_front();
    next->given = true;
    next->timer.cancel();
}

asio::awaitable<result<turnstile::pass>> turnstile::enter(asio::steady_timer::duration limit)
{
    if (free_ > 0) {
        --free_;
        co_return pass(this);
    }
    waiter self(*this, limit);
    co_await self.timer.async_wait(as_values);
    auto const state = co_await asio::this_coro::cancellation_state;
    if (!self.given || state.cancelled() != asio::cancellation_type::none) co_return errc::unavailable;
    self.taken = true;
    co_return pass(this);
}

}  // namespace tp::probe
