#include "base/coroutine.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <optional>

#include "base/error.hpp"

namespace tp {
namespace {

using namespace std::chrono_literals;

/// What comes of work under a limit, in a loop of its own.
result<int> under(std::chrono::milliseconds limit, asio::awaitable<result<int>> work)
{
    asio::io_context io;
    std::optional<result<int>> out;
    asio::co_spawn(io, within(limit, std::move(work)), [&out](std::exception_ptr thrown, result<int> outcome) {
        EXPECT_FALSE(thrown);
        out = std::move(outcome);
    });
    io.run();
    return out.value();
}

asio::awaitable<result<int>> wait_and_return(std::chrono::milliseconds length, int value)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    auto const [error] = co_await timer.async_wait(as_values);
    if (error) co_return error;
    co_return value;
}

/// Deaf to being cancelled, and done some rounds of the loop after a limit of nothing has passed.
asio::awaitable<result<int>> finish_too_late(int value)
{
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    auto const executor = co_await asio::this_coro::executor;
    for (int round = 0; round < 100; ++round) co_await asio::post(executor, asio::use_awaitable);
    co_return value;
}

asio::awaitable<result<int>> fail()
{
    co_return make_error_code(errc::rejected);
}

TEST(within, a_limit_hands_over_what_was_done_in_time)
{
    EXPECT_EQ(under(1min, wait_and_return(1ms, 7)).value(), 7);
    EXPECT_EQ(under(1min, fail()).error(), errc::rejected);
}

TEST(within, a_limit_ends_what_takes_longer)
{
    EXPECT_EQ(under(1ms, wait_and_return(1h, 7)).error(), errc::timed_out);
}

TEST(within, a_limit_loses_nothing_that_was_finished_although_its_time_was_up)
{
    EXPECT_EQ(under(0ms, finish_too_late(7)).value(), 7);
}

}  // namespace
}  // namespace tp
