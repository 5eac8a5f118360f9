#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <list>

#include "base/error.hpp"
#include "base/time.hpp"

namespace tp::controller {

/// Lets so much be under way at the same time. Who finds no room waits, and comes in in the order of asking.
class turnstile {
public:
    turnstile(boost::asio::any_io_executor executor, std::size_t room) : executor_(executor), room_(room) {}

    /// Errors: errc::timed_out; errc::closed. @pre amount <= room
    boost::asio::awaitable<result<void>> enter(std::size_t amount, steady_time until);
    /// What enter() let in has ended.
    void leave(std::size_t amount);
    /// Nobody comes in any more; who waits hears of it.
    void close();

    std::size_t inside() const noexcept { return inside_; }

private:
    struct waiter {
        std::size_t amount;
        boost::asio::steady_timer wakes;
        bool admitted = false;
    };
    void admit();

    boost::asio::any_io_executor executor_;
    std::size_t room_, inside_ = 0;
    std::list<waiter> waiting_;
    bool closed_ = false;
};

/// Leaves a turnstile when destroyed.
class passage {
public:
    passage(turnstile& through, std::size_t amount) : through_(through), amount_(amount) {}
    passage(passage const&) = delete;
    passage& operator=(passage const&) = delete;
    ~passage() { through_.leave(amount_); }

private:
    turnstile& through_;
    std::size_t amount_;
};

}  // namespace tp::controller
