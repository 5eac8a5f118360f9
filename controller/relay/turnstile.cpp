#include "controller/relay/turnstile.hpp"

#include "base/coroutine.hpp"

namespace tp::controller {

asio::awaitable<result<void>> turnstile::enter(std::size_t amount, steady_time until)
{
    if (closed_) co_return errc::closed;
    if (waiting_.empty() && amount <= room_ - inside_) {
        inside_ += amount;
        co_return result<void>{};
    }
    auto const own = waiting_.insert(waiting_.end(), {amount, asio::steady_timer(executor_, until), false});
    co_await own->wakes.async_wait(as_values);
    bool const admitted = own->admitted;
    waiting_.erase(own);
    if (admitted) co_return result<void>{};
    admit();  // it may have stood in the way of smaller ones
    co_return closed_ ? errc::closed : errc::timed_out;
}

void turnstile::leave(std::size_t amount)
{
    inside_ -= amount;
    admit();
}

void turnstile::admit()
{
    if (closed_) return;
    for (auto& each : waiting_) {
        if (each.admitted) continue;  // on its way out of the list
        if (each.amount > room_ - inside_) return;
        inside_ += each.amount;
        each.admitted = true;
        each.wakes.cancel();
    }
}

void turnstile::close()
{
    closed_ = true;
    for (auto& each : waiting_) each.wakes.cancel();
}

}  // namespace tp::controller
