#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
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
    static constexpr std::chrono::hours translation_every{1};  // and the network is asked how it translates to IPv4

    /// @param told, names  must outlive this.
    surroundings(guard& told, resolver& names) : guard_(told), resolver_(names) { learn_networks(); }

    /// Asks the network how it translates, until cancelled.
    boost::asio::awaitable<void> run();
    /// To be called again and again.
    void look(steady_time now);
    /// What a trace tells of the router behind the first one.
    void learn_from(outcome const& found);

    /// The router that this machine itself uses; the one behind it, as traces found it.
    routers const& first_hops() const noexcept { return first_hops_; }
    routers const& second_hops() const noexcept { return second_hops_; }

private:
    void learn_networks();
    void set_near_hops();
    void set_translation(result<std::vector<ip_address>> const& found);

    guard& guard_;
    resolver& resolver_;
    nameservers nameservers_;
    routers first_hops_, second_hops_;
    steady_time next_networks_{};
};

}  // namespace tp::probe
