#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>

#include "base/error.hpp"
#include "registry/detect/units.hpp"

namespace tp::registry::detect {

/// A distance on the ground.
struct kilometres {
    double value = 0;
    auto operator<=>(kilometres const&) const = default;
};

/// A point on the Earth.
class coordinates {
public:
    /// Degrees, north and east positive. Errors: errc::out_of_range.
    static result<coordinates> from(double latitude, double longitude) noexcept;

    double latitude() const noexcept { return latitude_; }
    double longitude() const noexcept { return longitude_; }
    /// Along the great circle, on a sphere: wrong by at most 0.6 %.
    kilometres distance_to(coordinates const& other) const noexcept;

private:
    coordinates(double latitude, double longitude) noexcept;
    double latitude_, longitude_;
    std::array<double, 3> direction_;  // from the centre of the Earth, of length 1
};

/// The shortest round trip that glass allows over this distance: there and back along the great circle at c / 1.468.
millis least_round_trip(kilometres distance) noexcept;

/// Probes are compared with those that say they are in the same cell: 10 degrees by 10 degrees.
enum class cell : std::uint16_t { everywhere = 0xFFFF };
cell cell_of(coordinates const& place) noexcept;

}  // namespace tp::registry::detect
