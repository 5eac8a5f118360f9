#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/ssh/channel.hpp"
#include "base/time.hpp"
#include "probe/link/dialling.hpp"
#include "proto/messages.hpp"
#include "tests/bench/load_setup.hpp"

namespace tp::bench {

class simulated_probe;

/// Whom a fleet of simulated probes may ask for controllers.
struct known_registries {
    std::vector<boost::asio::ip::tcp::endpoint> at;
    std::vector<ssh::public_key> keys;
};

/// Is told what happens to simulated probes.
struct fleet_watch {
    virtual ~fleet_watch() = default;
    virtual void entered(simulated_probe& who) = 0;  // welcomed by who.controller()
    virtual void working(simulated_probe& who) = 0;  // and was given its jobs, or other ones
    virtual void left(simulated_probe& who, std::variant<std::monostate, proto::wait, proto::refuse> const& told) = 0;
    virtual void registry_answered(proto::from_registry const* said) = 0;  // null: it did not
    virtual void dial_failed() = 0;
    virtual void told(simulated_probe& who) = 0;   // an instruction of the director
    virtual void begun(simulated_probe& who) = 0;  // has the first of the files that it needs for that
    virtual void acknowledged(simulated_probe& who, std::vector<proto::result_item> const& results) = 0;
};

/// A probe without engines and without a disk: real SSH, the real probe's decisions about whom to dial and when, and
/// results that it keeps until they are acknowledged, whichever controller does that.
class simulated_probe {
public:
    static constexpr std::size_t most_kept = 1'000;  // results; the oldest are dropped
    static constexpr std::size_t batch = 20;         // results in a frame, at most

    simulated_probe(identity const& who, ip_address from, known_registries const& registries, fleet_watch& watch,
                    std::uint64_t seed);

    /// Finds its way to a controller and stays there, again and again, until it is switched off.
    boost::asio::awaitable<void> live();
    /// Makes a result, if it ever had a job, and delivers it if it is in session.
    boost::asio::awaitable<void> measure();
    void switch_off();

    probe_id number() const noexcept { return who_.probe; }
    /// Empty without a session.
    std::string const& controller() const noexcept { return controller_; }
    bool is_working() const noexcept { return has_jobs_; }
    std::size_t jobs() const noexcept { return jobs_.size(); }
    std::uint64_t next_sequence() const noexcept { return next_sequence_; }
    std::size_t kept() const noexcept;

private:
    using last_word = std::variant<std::monostate, proto::wait, proto::refuse>;

    boost::asio::awaitable<void> ask(std::size_t registry);
    boost::asio::awaitable<result<proto::from_registry>> question(std::size_t registry);
    boost::asio::awaitable<void> hold_session(std::size_t controller);
    boost::asio::awaitable<last_word> converse();
    boost::asio::awaitable<void> take(proto::from_controller message, last_word& said);
    boost::asio::awaitable<void> take_page(proto::job_page page);
    void take_change(proto::job_change const& change);
    boost::asio::awaitable<void> begin_update();
    boost::asio::awaitable<void> deliver();
    boost::asio::awaitable<void> say_that_we_live();
    void acknowledge(proto::acknowledge const& told);
    void leave(last_word const& said);

    identity const& who_;
    ip_address from_;
    known_registries const& registries_;
    fleet_watch& watch_;
    probe::dialling dialling_;
    std::shared_ptr<ssh::channel> link_;
    std::string controller_;
    steady_time welcomed_at_{};
    bool has_jobs_ = false, off_ = false;
    std::vector<measurement_id> pages_, jobs_;
    std::deque<proto::result_item> waiting_;
    std::map<std::uint64_t, std::vector<proto::result_item>> in_flight_;  // by batch number
    std::uint64_t next_batch_ = 1, next_request_ = 1, next_sequence_;
};

}  // namespace tp::bench
