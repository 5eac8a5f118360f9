#pragma once

#include <vector>

#include "registry/detect/observation.hpp"
#include "registry/detect/targets.hpp"
#include "tests/bench/fleet_simulation/countries.hpp"
#include "tests/bench/fleet_simulation/random.hpp"

/// The network that probes live in: the truth, of which detectors see only what probes and controllers tell.
namespace tp::simulation {

namespace detect = registry::detect;

inline constexpr int hours_a_day = 24;
inline constexpr int first_hour = 490'000;  // since 1970; virtual hour 0

struct network {
    detect::as_number number{};
    std::size_t country = 0;
    bool hosting = false;  // of data centres, and of VPN exits
    std::uint32_t probes = 0;
};

struct anchor {
    detect::coordinates place;   // where it stands
    detect::coordinates listed;  // where the platform believes it is
    detect::as_number as{};
    measurement_id ping4, ping6, nonce;
};

/// How a probe is connected.
enum class access : std::uint8_t { data_centre, home, office, mobile, low_orbit, geostationary };

/// Where packets come from: what a path's length depends on.
struct origin {
    detect::coordinates place;
    detect::as_number as{};
    std::size_t country = 0;
    access by = access::home;
    double access_time = 0;  // ms, both ways, to the provider's edge
};

class world {
public:
    world(std::uint64_t seed, std::uint32_t probes);

    std::uint64_t seed() const noexcept { return seed_; }
    std::vector<network> const& networks() const noexcept { return networks_; }
    std::vector<network>& networks() noexcept { return networks_; }
    std::vector<anchor> const& anchors() const noexcept { return anchors_; }
    std::vector<measurement_id> const& canaries(detect::canary kind) const;
    /// The measurements as the registry lists them.
    detect::target_list const& targets() const noexcept { return targets_; }

    std::size_t some_country(random_stream& random) const;
    /// A network of this country, larger ones more often; hosting ones only for data centres.
    std::size_t some_network(std::size_t country, bool hosting, random_stream& random) const;
    detect::coordinates some_place(std::size_t country, random_stream& random) const;

    /// The least round trip that an hour of pings can find, milliseconds.
    double least_round_trip(origin const& from, anchor const& to, detect::family family) const;
    /// The same between two places, for the way through a tunnel.
    double between(origin const& from, detect::coordinates const& to) const;

private:
    void make_networks(std::uint32_t probes);
    void make_anchors();
    double path(origin const& from, detect::coordinates const& to, std::uint64_t salt) const;

    std::uint64_t seed_;
    random_stream random_;
    std::vector<double> country_limits_;  // cumulative weights
    std::vector<network> networks_;
    std::vector<std::vector<std::size_t>> eyeballs_, hosters_;  // by country, positions in networks_
    std::vector<anchor> anchors_;
    std::vector<measurement_id> prefixes_, ports_, names_, nonces_;
    detect::target_list targets_{{}};
};

}  // namespace tp::simulation
