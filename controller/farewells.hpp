#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <deque>

#include "base/ids.hpp"
#include "controller/session.hpp"
#include "store/database.hpp"

namespace tp::controller {

/// Ends of sessions on their way into the store, so that a session need not stay for it, and an end is not lost while
/// the database is away.
class farewells {
public:
    static constexpr std::size_t most = 50'000;  // beyond it ends are lost, and their probes seem connected for longer
    static constexpr std::chrono::milliseconds pause{500};  // before one is tried again

    farewells(boost::asio::any_io_executor executor, store::database& database);

    void add(probe_id probe, std::int64_t session, session_ending why);
    /// Whether all of them are written.
    bool empty() const noexcept { return waiting_.empty(); }
    /// Writes until cancelled.
    boost::asio::awaitable<void> run();

private:
    struct farewell {
        probe_id probe;
        std::int64_t session;
        session_ending why;
    };

    store::database& database_;
    std::deque<farewell> waiting_;
    boost::asio::steady_timer arrival_;  // never expires: cancelled to wake who waits
};

}  // namespace tp::controller
