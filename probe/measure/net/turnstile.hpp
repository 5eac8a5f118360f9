#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <list>
#include <memory>

#include "base/error.hpp"

namespace tp::probe {

/// Lets so many runs in at a time, so that sockets and memory have a limit; the others wait in their order.
class turnstile {
public:
    /// The right to be inside, given back when destroyed. The turnstile must outlive it.
    struct leave {
        void operator()(turnstile* from) const noexcept;
    };
    using pass = std::unique_ptr<turnstile, leave>;

    turnstile(boost::asio::any_io_executor executor, std::size_t most) : executor_(std::move(executor)), free_(most) {}

    /// Errors: errc::unavailable when the wait was longer than `limit`.
    boost::asio::awaitable<result<pass>> enter(boost::asio::steady_timer::duration limit);

private:
    struct waiter;

    boost::asio::any_io_executor executor_;
    std::size_t free_;
    std::list<waiter*> waiting_;
};

}  // namespace tp::probe
