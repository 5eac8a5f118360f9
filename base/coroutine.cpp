#include "base/coroutine.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace tp {

asio::awaitable<void> pause_for(asio::steady_timer::duration length)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, length);
    co_await timer.async_wait(as_values);
}

void expect_cancelled(std::exception_ptr thrown)
{
    try {
        if (thrown) std::rethrow_exception(thrown);
    } catch (boost::system::system_error const& error) {
        if (error.code() != asio::error::operation_aborted) throw;
    }
}

}  // namespace tp
