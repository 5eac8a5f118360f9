#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "probe/guard/guard.hpp"
#include "probe/measure/agenda.hpp"
#include "probe/measure/dns/udp_sockets.hpp"
#include "probe/measure/engine.hpp"

namespace tp::probe {

/// All DNS runs over UDP: few sockets and one timer for them all. Used from one thread.
class udp_queries {
public:
    /// Sockets that no query waits at are closed after so long.
    static constexpr std::chrono::seconds idle_for{1};

    /// @param asked  is asked before every query; must outlive this.
    udp_queries(boost::asio::any_io_executor executor, guard& asked);
    ~udp_queries();

    /// Begins a run that asks each of these servers, at least one. `done` is called from run().
    void start(order what, std::vector<ip_address> const& servers, engine::done_handler done);
    boost::asio::awaitable<void> run();
    std::size_t running() const noexcept { return runs_.size(); }

private:
    struct one_run;
    struct one_query;
    struct side;
    using run_number = agenda::run_number;

    boost::asio::awaitable<void> begin_fresh();
    boost::asio::awaitable<void> pace();
    boost::asio::awaitable<void> receive(side& from);
    void begin(one_query& query);
    void advance(one_query& query, steady_time now);
    void send(one_query& query, steady_time now);
    bool permitted(one_query& query, std::size_t octets, steady_time now);
    void leave(one_query& query);
    void end(one_query& query);
    void finish(one_run& run);
    void drain();
    void close_idle(steady_time now);

    boost::asio::any_io_executor executor_;
    guard& guard_;
    std::unique_ptr<side> v4_, v6_;
    std::unordered_map<run_number, std::unique_ptr<one_run>> runs_;
    std::unordered_map<run_number, one_query*> queries_;
    std::deque<one_query*> fresh_;  // not looked at yet
    agenda agenda_;                 // by the numbers of queries
    run_number last_ = 0;
    boost::asio::steady_timer fresh_there_, timer_;
    steady_time idle_since_ = steady_time::max();
    unpredictable random_;
};

}  // namespace tp::probe
