#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include "controller/sessions.hpp"
#include "store/database.hpp"

namespace tp::controller {

/// Brings all sessions what the director wants of their probes, beside the change feed: there may be thousands of
/// instructions at once, and a revocation that is behind them in the feed does not wait.
class instruction_rounds {
public:
    static constexpr std::size_t sessions_at_once = 1'000;    // for which one query asks
    static constexpr std::chrono::milliseconds pause{1'000};  // before a round that failed is made again

    instruction_rounds(boost::asio::any_io_executor executor, store::database& database, sessions& present);

    /// There is something new. A session that comes meanwhile reads its own.
    void ask();
    /// Goes round whenever it was asked to, until cancelled.
    boost::asio::awaitable<void> run();

private:
    boost::asio::awaitable<result<void>> go_round();

    store::database& database_;
    sessions& sessions_;
    bool asked_ = false;
    boost::asio::steady_timer asking_;  // never expires: cancelled to wake who waits
};

}  // namespace tp::controller
