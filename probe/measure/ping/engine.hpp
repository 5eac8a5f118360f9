#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "probe/guard/guard.hpp"
#include "probe/measure/ping/run.hpp"
#include "probe/measure/ping/socket.hpp"
#include "proto/job.hpp"
#include "proto/report.hpp"

namespace tp::probe {

/// What the engine is to do.
struct ping_order {
    proto::ping_options options;
    ip_address target;
    std::string mark;  // ASCII for the payload, for the operator of the target; may be empty
};

/// What came of it.
struct ping_outcome {
    wall_time began;  // the first packet
    ip_address target;
    std::optional<ip_address> source;
    std::optional<proto::failure> failed;  // of the whole run: then nothing was sent
    std::string why;                       // the guard's reason in full, for the local log
    proto::ping_report found;
};

/// All pings of the probe, over one ICMP socket a family and with one timer. Used from one thread.
class ping_engine {
public:
    using done_handler = std::function<void(ping_outcome)>;

    /// Sockets are opened by the caller, before privileges are dropped. A family without one fails its runs.
    /// @param asked  is asked before every packet; must outlive the engine.
    ping_engine(boost::asio::any_io_executor executor, guard& asked, std::optional<echo_socket> v4,
                std::optional<echo_socket> v6, std::uint64_t seed);
    ~ping_engine();

    /// Begins a run; `done` is called once, from run().
    void start(ping_order order, done_handler done);
    /// Sends and receives until cancelled. Runs that are not done then are dropped without a call.
    boost::asio::awaitable<void> run();

    bool has(proto::family af) const noexcept;
    std::size_t running() const noexcept { return runs_.size(); }

private:
    struct active;
    struct side;
    using run_number = std::uint64_t;

    boost::asio::awaitable<void> pace();
    boost::asio::awaitable<void> receive(side& from);
    void step();
    void advance(active& one, steady_time now);
    void send(active& one, unsigned packet, steady_time now);
    void refuse(active& one, verdict const& no, steady_time now);
    void finish(active& one);
    void look_again(active& one);
    void drain();

    boost::asio::any_io_executor executor_;
    guard& guard_;
    std::unique_ptr<side> v4_, v6_;
    std::map<run_number, std::unique_ptr<active>> runs_;
    std::set<std::pair<steady_time, run_number>> queue_;
    run_number last_run_ = 0;
    boost::asio::steady_timer timer_;
    std::mt19937_64 random_;
};

}  // namespace tp::probe
