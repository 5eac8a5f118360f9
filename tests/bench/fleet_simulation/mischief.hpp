#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tests/bench/fleet_simulation/world.hpp"

/// The twelve kinds of bad probe, each at three strengths. See mischief.cpp for what each does.
namespace tp::simulation {

enum class kind : std::uint8_t {
    honest,
    fabricator,
    replayer,
    clone,
    vpn_mover,
    place_liar,
    packet_dropper,
    flooder,
    slow_drip,
    old_firmware,
    clock_liar,
    interceptor,
    half_v6,
};
inline constexpr std::size_t kind_count = 13;
std::string_view name(kind of) noexcept;

enum class strength : std::uint8_t { blatant, middle, careful };
inline constexpr std::size_t strength_count = 3;
std::string_view name(strength of) noexcept;

/// What a bad probe is, and what it keeps in mind.
struct mischief {
    kind of = kind::honest;
    strength how{};
    int onset = 0;                       // hour; honest until then
    std::uint32_t other_boot_count = 0;  // a clone's
    std::size_t other_network = 0;       // a clone's, and the exit of a tunnel
    std::optional<detect::coordinates> exit;
    int exit_until = 0;
    double clock_lie = 0;  // ms
    bool begun = false;

    bool active(int hour) const noexcept { return of != kind::honest && hour >= onset; }
};

/// A pinged anchor, and what is needed to invent pings to it.
struct pinged {
    std::size_t anchor = 0;
    detect::family family{};
    double usual = 0;     // ms, the true least round trip
    double distance = 0;  // km from the claimed place to the listed one
};

/// The beginning of its hour: where its packets come out.
void prepare(mischief& of, int hour, origin const& home, std::uint32_t boot_count, world const& place,
             random_stream& random);

/// What it makes of an hour that an honest probe would have told.
/// @param slots  in the order of the targets in `told`.
void distort(mischief& of, detect::probe_hour& told, std::span<pinged const> slots, world const& place,
             random_stream& random);

/// A place as far away as this liar says it is. Blatant: 6,000 km and more; middle: in another country, 2,000 to 4,500
/// km away; careful: 300 to 900 km.
struct false_place {
    detect::coordinates where;
    std::size_t country = 0;
};
false_place lie_about(strength how, origin const& home, world const& place, random_stream& random);

}  // namespace tp::simulation
