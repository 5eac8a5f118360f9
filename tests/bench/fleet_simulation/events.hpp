#pragma once

#include <bitset>
#include <map>
#include <vector>

#include "registry/detect/finding.hpp"
#include "tests/bench/fleet_simulation/world.hpp"

/// What happens to many probes at once, and is none of their fault.
namespace tp::simulation {

enum class trouble : std::uint8_t {
    as_dark,         // an AS loses its connection
    as_lossy,        // an AS loses packets, half of the time on the way to its sessions as well
    as_filter,       // an AS answers DNS itself, always
    as_moved,        // a database moves an AS to another country
    as_renumbered,   // an AS is taken over by another
    country_dark,    // most of a country is off
    country_lossy,   // a country loses packets
    country_detour,  // a cable is cut: another way, much longer
    country_filter,  // a country answers DNS itself
    controller_dead,
    controller_clock,  // a controller's clock is wrong
    bad_release,       // the first wave of a release sends malformed frames
    anchor_dark,       // an anchor is off, half of the time not so from inside its network
    prefix_announced,  // the prefix of a canary is announced
    nonce_broken,      // an anchor tells wrong nonces
};
inline constexpr std::size_t trouble_count = 15;
std::string_view name(trouble of) noexcept;
/// Whether this trouble can be what a rule saw.
bool shows_as(trouble of, registry::detect::rule by) noexcept;

struct event {
    trouble what{};
    std::size_t where = 0;        // network, country, controller, anchor or canary, by its position
    int begin = 0, end = 0;       // hours
    double strength = 0;          // loss, ms, or share
    bool spares_session = false;  // the loss is not on the way to the controller; an anchor that its own AS reaches
};

inline constexpr std::size_t controller_count = 6;
inline constexpr std::uint64_t bad_release = 12;
inline constexpr int bad_release_begins = 17 * hours_a_day, bad_release_ends = bad_release_begins + 30;

/// The weather of a probe: what the events of an hour do to it.
struct weather {
    double dark = 0;             // the chance of being off for the whole hour
    double loss = 0, delay = 0;  // of pings; ms
    bool session_spared = false;
    bool filtered = false;
    std::optional<std::size_t> other_country;  // in the database
    std::optional<detect::as_number> other_as;
    bool controller_died = false;
    double controller_clock = 0;  // ms, the probe's offset seen by it
    bool malformed = false;
    std::bitset<trouble_count> mass;  // of several probes: which of these
};

class calendar {
public:
    calendar(world const& place, int days, std::uint64_t seed);

    /// To be called before the hour is asked about.
    void turn_to(int hour);
    weather of(std::size_t network, std::size_t country, std::size_t controller, std::uint64_t release) const;
    bool anchor_dark(std::size_t anchor, detect::as_number from) const;
    bool prefix_announced(std::size_t canary) const;
    bool nonce_broken(std::size_t anchor) const;
    std::vector<event> const& all() const noexcept { return all_; }

private:
    void plan(trouble what, double a_month, int days, random_stream& random);
    event draw(trouble what, int days, random_stream& random) const;
    std::vector<event const*> const& active(trouble what, std::size_t where) const;

    world const& world_;
    std::vector<event> all_;
    std::map<std::pair<trouble, std::size_t>, std::vector<event const*>> now_;
    std::vector<std::vector<std::size_t>> starting_, ending_;  // by hour, positions in all_
};

}  // namespace tp::simulation
