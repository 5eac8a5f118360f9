#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/bench/fleet_load/simulated_probe.hpp"

namespace tp::bench {

/// How often things happened since the beginning.
struct fleet_counts {
    std::uint64_t assigned = 0, told_to_wait = 0, refused = 0, registry_silent = 0;  // by registries
    std::uint64_t sessions = 0, sessions_ended = 0, controller_waits = 0, controller_refusals = 0, dials_failed = 0;
};

/// A result that a controller said to be stored.
struct acknowledged_result {
    measurement_id measurement;
    probe_id probe;
    std::uint64_t sequence = 0;
};

/// What became of those that were on a controller when it died.
struct loss {
    std::string controller;
    steady_time at;
    std::size_t concerned = 0;
    std::unordered_map<probe_id, std::uint64_t> missing;  // the sequence of its first result of after the loss
    std::vector<double> again;                            // seconds until one of these was acknowledged
};

/// Thousands of simulated probes, each with an address of its own in 127/8, and what can be seen from their side.
class fleet final : public fleet_watch {
public:
    fleet(boost::asio::io_context& io, stage const& on, known_registries registries, std::chrono::milliseconds every);

    /// Switches all on, evenly over this time, and has each make a result as often as the settings say.
    void switch_on(std::chrono::milliseconds spread);
    /// Makes no more results, waits for acknowledgements for so long, and hangs up.
    boost::asio::awaitable<void> switch_off(std::chrono::seconds patience);
    /// Those in session with this controller are watched until they measure again.
    loss const& lose(std::string controller);
    boost::asio::awaitable<bool> until(std::function<bool()> come_true, std::chrono::steady_clock::duration limit);

    std::size_t size() const noexcept { return probes_.size(); }
    std::size_t working_now() const;
    std::size_t results_kept() const;
    fleet_counts const& counts() const noexcept { return counts_; }
    std::map<std::string, std::size_t> const& sessions() const noexcept { return sessions_; }
    std::map<std::string, std::size_t> const& most_sessions() const noexcept { return most_sessions_; }
    std::optional<loss> const& last_loss() const noexcept { return loss_; }
    std::vector<acknowledged_result> const& acknowledged_results() const noexcept { return acknowledged_; }

    /// Is called with each session that ends because the probe was revoked, with each that loses all its jobs, and with
    /// each that is given an instruction, and that has the first octets of what it orders.
    std::function<void(probe_id)> on_revoked = [](probe_id) {}, on_jobless = [](probe_id) {}, on_told = [](probe_id) {},
                                  on_begun = [](probe_id) {};

private:
    void entered(simulated_probe& who) override;
    void working(simulated_probe& who) override;
    void left(simulated_probe& who, std::variant<std::monostate, proto::wait, proto::refuse> const& told) override;
    void registry_answered(proto::from_registry const* said) override;
    void dial_failed() override { ++counts_.dials_failed; }
    void told(simulated_probe& who) override { on_told(who.number()); }
    void begun(simulated_probe& who) override { on_begun(who.number()); }
    void acknowledged(simulated_probe& who, std::vector<proto::result_item> const& results) override;

    boost::asio::awaitable<void> start_all(std::chrono::milliseconds spread);
    boost::asio::awaitable<void> pulse();
    void spawn(boost::asio::awaitable<void> work);

    boost::asio::io_context& io_;
    known_registries registries_;
    std::chrono::milliseconds every_;
    std::deque<simulated_probe> probes_;
    fleet_counts counts_;
    std::map<std::string, std::size_t> sessions_, most_sessions_;  // by controller
    std::optional<loss> loss_;
    std::vector<acknowledged_result> acknowledged_;
    bool off_ = false;
};

}  // namespace tp::bench
