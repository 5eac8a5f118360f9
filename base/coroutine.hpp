#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "base/error.hpp"

namespace tp {

namespace asio = boost::asio;

/// Completion token: `auto [ec, n] = co_await socket.async_read_some(buffer, as_values);`
inline constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// Runs `work`, and cancels it once `limit` has passed. What it has finished by then is handed over all the same: after
/// a standstill of the whole process both are there at once. Errors: errc::timed_out; asio::error::operation_aborted if
/// the caller was cancelled; else those of `work`. Returns only when `work` has ended, so references that it holds stay
/// valid. `T` must be default-constructible.
template <class T>
asio::awaitable<result<T>> within(asio::steady_timer::duration limit, asio::awaitable<result<T>> work)
{
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, limit);
    auto both = asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(work), asio::deferred),
                                                        timer.async_wait(asio::deferred));
    auto [order, thrown, outcome, timer_error] =
        co_await both.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    bool const work_was_first = order[0] == 0;
    bool const finished = !thrown && outcome;
    if (!work_was_first && !finished) co_return timer_error ? timer_error : make_error_code(errc::timed_out);
    if (thrown) std::rethrow_exception(thrown);
    co_return std::move(outcome);
}

/// Waits. Errors are left to cancellation, which unwinds the coroutine.
asio::awaitable<void> pause_for(asio::steady_timer::duration length);

/// Completion handler of a root coroutine: being cancelled is how it ends; any other exception is a bug.
void expect_cancelled(std::exception_ptr thrown);

}  // namespace tp
