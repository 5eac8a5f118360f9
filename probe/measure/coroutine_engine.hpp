#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>

#include "probe/measure/engine.hpp"

namespace tp::probe {

/// An engine for types that need nothing in common between runs: each run is a coroutine of its own.
class coroutine_engine final : public engine {
public:
    /// Measures once. It bounds its own waits, and gives way to cancellation.
    using measure = std::function<boost::asio::awaitable<outcome>(order)>;

    coroutine_engine(boost::asio::any_io_executor executor, measure measures_once);

    void start(order what, done_handler done) override;
    boost::asio::awaitable<void> run() override;
    bool can(proto::family) const noexcept override { return true; }
    std::size_t running() const noexcept override { return runs_.size(); }

private:
    struct one_run {
        boost::asio::cancellation_signal stop;
    };

    boost::asio::any_io_executor executor_;
    measure measure_;
    std::list<one_run> runs_;
    bool stopping_ = false;
    boost::asio::steady_timer changed_;  // cancelled when a run has ended
};

}  // namespace tp::probe
