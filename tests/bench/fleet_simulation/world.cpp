#include "tests/bench/fleet_simulation/world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace tp::simulation {
namespace {

using detect::coordinates;

constexpr std::size_t anchor_count = 250;  // RIPE Atlas has one for a dozen probes
constexpr std::size_t badly_listed_anchors = 3, slightly_badly_listed_anchors = 6;
constexpr std::uint32_t first_as = 64'600;
constexpr int first_measurement = 1'000;  // three for each anchor
constexpr double trombone = 0.35;         // of the pairs of a thin country and an anchor nearby
constexpr double lone_trombone = 0.04;    // of the pairs of any network and an anchor nearby

coordinates at(double latitude, double longitude)
{
    return coordinates::from(std::clamp(latitude, -89.0, 89.0), std::remainder(longitude, 360.0)).value();
}

/// So far from a place, in this direction.
coordinates moved(double latitude, double longitude, double distance, double direction)
{
    constexpr double km_a_degree = 111.2;
    auto const north = distance * std::cos(direction) / km_a_degree;
    auto const shrink = std::max(0.2, std::cos(latitude * std::numbers::pi / 180));
    return at(latitude + north, longitude + distance * std::sin(direction) / km_a_degree / shrink);
}

/// Where traffic of thin regions is exchanged, and where satellites' gateways are.
coordinates const& hub(coordinates const& from)
{
    static std::array const hubs{at(50.1, 8.7), at(25.8, -80.2), at(1.35, 103.85)};
    if (from.longitude() < -30) return hubs[1];
    return from.longitude() > 90 ? hubs[2] : hubs[0];
}

coordinates const& point_of_presence(coordinates const& from)
{
    static std::array const all{at(50.1, 8.7),   at(51.5, -0.1),   at(40.4, -3.7),   at(47.6, -122.3), at(32.8, -96.8),
                                at(40.7, -74.0), at(-33.9, 151.2), at(-23.5, -46.6), at(35.7, 139.7),  at(6.5, 3.4)};
    return *std::min_element(all.begin(), all.end(),
                             [&](auto const& a, auto const& b) { return from.distance_to(a) < from.distance_to(b); });
}

double glass(double km)
{
    return static_cast<double>(detect::least_round_trip({km}).count());
}

measurement_id number(int value)
{
    return measurement_id::from(value).value();
}

}  // namespace

world::world(std::uint64_t seed, std::uint32_t probes) : seed_(seed), random_(seed, 0xA0)
{
    double sum = 0;
    for (auto const& each : countries()) country_limits_.push_back(sum += each.weight);
    make_networks(probes);
    make_anchors();
}

void world::make_networks(std::uint32_t probes)
{
    auto const all = countries();
    eyeballs_.resize(all.size());
    hosters_.resize(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const here = probes * all[i].weight / country_limits_.back();
        auto const access_networks = 3 + static_cast<std::size_t>(std::pow(here, 0.75) / 2);
        auto const hosting_networks = 2 + access_networks / 5;
        for (std::size_t j = 0; j < access_networks + hosting_networks; ++j) {
            auto const hosting = j >= access_networks;
            (hosting ? hosters_ : eyeballs_)[i].push_back(networks_.size());
            networks_.push_back({static_cast<detect::as_number>(first_as + networks_.size()), i, hosting});
        }
    }
}

void world::make_anchors()
{
    std::vector<detect::target_info> targets;
    for (std::size_t i = 0; i < anchor_count; ++i) {
        auto const where = i < countries().size() ? i : some_country(random_);  // one in each at least
        auto const place = some_place(where, random_);
        auto const as = networks_[some_network(where, true, random_)].number;
        auto const first = first_measurement + 3 * static_cast<int>(i);
        anchors_.push_back({place, place, as, number(first), number(first + 1), number(first + 2)});
        nonces_.push_back(number(first + 2));
    }
    for (std::size_t i = 0; i < badly_listed_anchors; ++i) {
        auto& wrong = anchors_[random_.below(static_cast<std::uint32_t>(anchor_count))];
        wrong.listed = some_place(some_country(random_), random_);
    }
    for (std::size_t i = 0; i < slightly_badly_listed_anchors; ++i) {
        auto& wrong = anchors_[random_.below(static_cast<std::uint32_t>(anchor_count))];
        wrong.listed = moved(wrong.place.latitude(), wrong.place.longitude(), random_.between(100, 600),
                             random_.between(0, 2 * std::numbers::pi));
    }
    for (auto const& each : anchors_) {
        targets.push_back({each.ping4, detect::family::v4, each.listed, each.as, each.ping4.value()});
        targets.push_back({each.ping6, detect::family::v6, each.listed, each.as, each.ping4.value()});
    }
    targets_ = detect::target_list(targets);
    for (int i = 0; i < 3; ++i) {
        prefixes_.push_back(number(first_measurement - 30 + i));
        ports_.push_back(number(first_measurement - 20 + i));
        names_.push_back(number(first_measurement - 10 + i));
    }
}

std::vector<measurement_id> const& world::canaries(detect::canary kind) const
{
    switch (kind) {
        case detect::canary::unannounced_prefix:
            return prefixes_;
        case detect::canary::closed_port:
            return ports_;
        case detect::canary::absent_name:
            return names_;
        case detect::canary::nonce:
            break;
    }
    return nonces_;
}

std::size_t world::some_country(random_stream& random) const
{
    auto const drawn = random.between(0, country_limits_.back());
    auto const found = std::upper_bound(country_limits_.begin(), country_limits_.end(), drawn);
    return static_cast<std::size_t>(found - country_limits_.begin());
}

std::size_t world::some_network(std::size_t country, bool hosting, random_stream& random) const
{
    auto const& here = (hosting ? hosters_ : eyeballs_)[country];
    // As sizes of providers go: about a share of 1 / rank.
    auto const count = static_cast<double>(here.size());
    auto const rank = std::pow(count + 1, random.unit()) - 1;
    return here[std::min(static_cast<std::size_t>(rank), here.size() - 1)];
}

coordinates world::some_place(std::size_t country, random_stream& random) const
{
    auto const& of = countries()[country];
    return moved(of.latitude, of.longitude, of.radius * std::sqrt(random.unit()),
                 random.between(0, 2 * std::numbers::pi));
}

double world::path(origin const& from, coordinates const& to, std::uint64_t salt) const
{
    constexpr double shortest = 1.2, more = 0.9;  // of the great circle
    auto const as = static_cast<std::uint64_t>(from.as);
    auto const wander = fixed_unit(seed_, as, salt);
    auto const stretch = shortest + more * wander * wander;
    auto const direct = from.place.distance_to(to).value;
    constexpr double nearby = 4'000;  // km
    auto const thin = countries()[from.country].thin && fixed_unit(seed_ + 1, from.country, salt) < trombone;
    auto const lone = fixed_unit(seed_ + 2, as, salt) < lone_trombone;
    constexpr double within = 50;  // km: the same town
    if (direct < within || direct > nearby || (!thin && !lone)) return glass(direct * stretch);
    auto const& over = hub(from.place);
    return glass(from.place.distance_to(over).value * shortest + over.distance_to(to).value * shortest);
}

double world::between(origin const& from, coordinates const& to) const
{
    return from.access_time + path(from, to, 0x7E);
}

double world::least_round_trip(origin const& from, anchor const& to, detect::family family) const
{
    constexpr double anchors_access = 0.4, orbit = 24, geostationary_orbit = 560;  // ms
    auto const salt = static_cast<std::uint64_t>((family == detect::family::v4 ? to.ping4 : to.ping6).value());
    auto out = from.access_time + anchors_access;
    if (from.by == access::low_orbit || from.by == access::geostationary) {
        auto ashore = from;
        ashore.place = from.by == access::low_orbit ? point_of_presence(from.place) : hub(from.place);
        constexpr double vacuum = 150;  // km for a millisecond, there and back
        auto const over_the_sky = from.place.distance_to(ashore.place).value / vacuum;
        out += from.by == access::low_orbit ? orbit + over_the_sky : geostationary_orbit;
        return out + path(ashore, to.place, salt);
    }
    return out + path(from, to.place, salt);
}

}  // namespace tp::simulation
