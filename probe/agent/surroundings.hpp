#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <vector>

#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "probe/agent/translation_watch.hpp"
#include "probe/guard/guard.hpp"
#include "probe/guard/near_hops.hpp"
#include "probe/measure/engine.hpp"
#include "probe/measure/resolve/nameservers.hpp"
#include "probe/measure/resolve/resolver.hpp"

namespace tp::probe {

/// What the probe learns by itself of the network that it stands in, and tells its guard: its own networks, the first
/// two routers on the way out, its resolvers, and how the network translates to IPv4.
class surroundings {
public:
    static constexpr std::chrono::seconds networks_every{60};  // own addresses are read again

    /// @param told  must outlive this.
    surroundings(boost::asio::any_io_executor executor, guard& told);

    /// Asks the network how it translates, when translation_watch wants it, until cancelled.
    boost::asio::awaitable<void> run();
    /// Fails the question that is on.
    void stop() { resolver_.cancel(); }
    /// To be called again and again.
    void look(steady_time now);
    /// What a trace tells of the router behind the first one.
    void learn_from(outcome const& found);

    /// The router that this machine itself uses; the one behind it, as traces found it.
    routers const& first_hops() const noexcept { return first_hops_; }
    routers const& second_hops() const noexcept { return second_hops_; }

private:
    void learn_networks(steady_time now);
    void set_near_hops();
    boost::asio::awaitable<void> ask_for_translation();

    guard& guard_;
    resolver
        resolver_;  // its own: look-ups for users hold the others' back, and keep the resolvers of a network that was
    nameservers nameservers_;
    routers first_hops_, second_hops_;
    std::vector<std::string> networks_v6_;
    bool way_out_v6_ = false;
    translation_watch translation_;
    steady_time next_networks_{};
};

}  // namespace tp::probe
