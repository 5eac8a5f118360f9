#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <unordered_map>

#include "probe/guard/guard.hpp"
#include "probe/measure/agenda.hpp"
#include "probe/measure/engine.hpp"
#include "probe/measure/ping/run.hpp"
#include "probe/measure/ping/socket.hpp"

namespace tp::probe {

/// All pings of the probe, over one ICMP socket a family and with one timer. Used from one thread.
class ping_engine final : public engine {
public:
    /// Sockets are opened by the caller, before privileges are dropped. A family without one fails its runs.
    /// @param asked  is asked before every packet; must outlive the engine.
    ping_engine(boost::asio::any_io_executor executor, guard& asked, std::optional<echo_socket> v4,
                std::optional<echo_socket> v6, std::uint64_t seed);
    ~ping_engine() override;

    void start(order what, done_handler done) override;
    boost::asio::awaitable<void> run() override;
    bool can(proto::family af) const noexcept override;
    std::size_t running() const noexcept override { return runs_.size(); }

private:
    struct active;
    struct side;
    using run_number = agenda::run_number;

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
    agenda agenda_;
    run_number last_run_ = 0;
    boost::asio::steady_timer timer_;
    std::mt19937_64 random_;
};

}  // namespace tp::probe
