#include "probe/measure/coroutine_engine.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include "base/coroutine.hpp"

namespace tp::probe {

namespace asio = boost::asio;

coroutine_engine::coroutine_engine(asio::any_io_executor executor, measure measures_once)
    : executor_(std::move(executor)),
      measure_(std::move(measures_once)),
      changed_(executor_, asio::steady_timer::time_point::max())
{
}

void coroutine_engine::start(order what, done_handler done)
{
    auto const one = runs_.emplace(runs_.end());
    auto ended = [this, one, done = std::move(done)](std::exception_ptr thrown, outcome found) {
        runs_.erase(one);
        changed_.cancel();
        if (thrown) return expect_cancelled(thrown);
        if (!stopping_) done(std::move(found));  // a run may end with a value though it was told to stop
    };
    asio::co_spawn(executor_, measure_(std::move(what)),
                   asio::bind_cancellation_slot(one->stop.slot(), std::move(ended)));
}

asio::awaitable<void> coroutine_engine::run()
{
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const state = co_await asio::this_coro::cancellation_state;
    while (state.cancelled() == asio::cancellation_type::none) co_await changed_.async_wait(as_values);
    stopping_ = true;
    for (auto one = runs_.begin(); one != runs_.end();) (one++)->stop.emit(asio::cancellation_type::terminal);
    while (!runs_.empty()) co_await changed_.async_wait(as_values);
}

}  // namespace tp::probe
