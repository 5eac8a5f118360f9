#include "registry/detect/geography.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tp::registry::detect {
namespace {

constexpr double earth_radius = 6371.0;         // km, mean
constexpr double light_in_vacuum = 299.792458;  // km/ms
constexpr double index_of_refraction = 1.468;   // ITU-T G.652 fibre at 1550 nm, as its makers give it
constexpr double cell_size = 10;                // degrees
constexpr std::uint16_t cells_around = 36;

double radians(double degrees)
{
    return degrees * std::numbers::pi / 180;
}

}  // namespace

result<coordinates> coordinates::from(double latitude, double longitude) noexcept
{
    if (!(latitude >= -90 && latitude <= 90 && longitude >= -180 && longitude <= 180)) return errc::out_of_range;
    return coordinates(latitude, longitude);
}

coordinates::coordinates(double latitude, double longitude) noexcept
    : latitude_(latitude),
      longitude_(longitude),
      direction_{std::cos(radians(latitude)) * std::cos(radians(longitude)),
                 std::cos(radians(latitude)) * std::sin(radians(longitude)), std::sin(radians(latitude))}
{
}

kilometres coordinates::distance_to(coordinates const& other) const noexcept
{
    double square = 0;
    for (std::size_t i = 0; i < direction_.size(); ++i) {
        auto const apart = direction_[i] - other.direction_[i];
        square += apart * apart;
    }
    return {2 * earth_radius * std::asin(std::min(1.0, std::sqrt(square) / 2))};
}

millis least_round_trip(kilometres distance) noexcept
{
    return millis(static_cast<float>(2 * distance.value * index_of_refraction / light_in_vacuum));
}

cell cell_of(coordinates const& place) noexcept
{
    auto const row = static_cast<std::uint16_t>(std::min((place.latitude() + 90) / cell_size, 17.0));
    auto const column = static_cast<std::uint16_t>(std::min((place.longitude() + 180) / cell_size, 35.0));
    return static_cast<cell>(row * cells_around + column);
}

}  // namespace tp::registry::detect
