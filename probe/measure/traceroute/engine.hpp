#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <random>
#include <unordered_map>

#include "probe/guard/guard.hpp"
#include "probe/measure/agenda.hpp"
#include "probe/measure/engine.hpp"
#include "probe/measure/traceroute/ports.hpp"
#include "probe/measure/traceroute/transport.hpp"

namespace tp::probe {

/// All traceroutes of the probe, over a few sockets a family and with one timer. Used from one thread.
class traceroute_engine final : public engine, private trace_transport::listener {
public:
    /// Sockets are opened by the caller, before privileges are dropped. A family without them fails its runs.
    /// @param asked  is asked before every packet; must outlive the engine.
    traceroute_engine(boost::asio::any_io_executor executor, guard& asked, std::unique_ptr<trace_transport> v4,
                      std::unique_ptr<trace_transport> v6, std::uint64_t seed);
    ~traceroute_engine() override;

    void start(order what, done_handler done) override;
    boost::asio::awaitable<void> run() override;
    bool can(proto::family af) const noexcept override;
    std::size_t running() const noexcept override { return runs_.size(); }

private:
    struct active;
    using run_number = trace_transport::run_number;

    run_number free_number();
    unsigned next_paris_id(measurement_id measurement, unsigned flows);
    void prepare(active& one, order const& what);
    void choose_fields(active& one, order const& what);
    boost::asio::awaitable<void> pace();
    void step();
    void advance(active& one, steady_time now);
    bool send(active& one, trace_packet const& what, steady_time now);
    void refuse(active& one, verdict const& no, steady_time now);
    void finish(active& one);
    void wake();
    void drain();

    active* owner_of(trace_answer const& answer, std::optional<run_number> run) const;
    void on_answer(trace_answer const& answer, receipt const& by, std::optional<run_number> run) override;
    void on_sent(run_number run, unsigned number, wall_time when) override;
    void on_drained() override;

    guard& guard_;
    std::unique_ptr<trace_transport> v4_, v6_;
    std::unordered_map<run_number, std::unique_ptr<active>> runs_;
    std::unordered_map<std::int64_t, unsigned> paris_runs_;  // of each measurement, since the start of the probe
    trace_ports ports_;
    agenda agenda_;
    run_number last_run_ = 0;
    unsigned sends_since_drain_ = 0;
    boost::asio::steady_timer timer_;
    steady_time armed_for_ = steady_time::max();
    std::mt19937_64 random_;
};

}  // namespace tp::probe
