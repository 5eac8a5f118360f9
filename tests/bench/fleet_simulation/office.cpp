#include "tests/bench/fleet_simulation/office.hpp"

#include <algorithm>

#include "tests/bench/fleet_simulation/events.hpp"

namespace tp::simulation {
namespace {

constexpr int week = 7 * hours_a_day;
constexpr int second_release = 4 * hours_a_day;
constexpr int floor_raised = 16 * hours_a_day;

std::vector<std::size_t> by_distance(detect::coordinates const& from, world const& place)
{
    std::vector<std::pair<double, std::size_t>> sorted;
    for (std::size_t i = 0; i < place.anchors().size(); ++i) {
        sorted.emplace_back(from.distance_to(place.anchors()[i].listed).value, i);
    }
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::size_t> out;
    for (auto const& each : sorted) out.push_back(each.second);
    return out;
}

void add(file& to, std::size_t anchor, detect::family family)
{
    auto const there = std::any_of(to.slots.begin(), to.slots.end(),
                                   [&](slot const& one) { return one.anchor == anchor && one.family == family; });
    if (!there) to.slots.push_back({anchor, family});
}

detect::coordinates middle_of(detect::country_code code)
{
    for (auto const& each : countries()) {
        if (each.code == code.text()) return detect::coordinates::from(each.latitude, each.longitude).value();
    }
    return detect::coordinates::from(0, 0).value();
}

double radius_of(detect::country_code code)
{
    for (auto const& each : countries()) {
        if (each.code == code.text()) return each.radius;
    }
    return 0;
}

/// Every so many of the anchors in this country.
void add_spread(file& to, detect::country_code country, std::vector<std::size_t> const& nearest_first,
                world const& place)
{
    constexpr std::size_t most = 20;
    std::vector<std::size_t> inside;
    auto const middle = middle_of(country);
    for (auto const anchor : nearest_first) {
        if (middle.distance_to(place.anchors()[anchor].listed).value <= radius_of(country)) inside.push_back(anchor);
    }
    auto const step = std::max<std::size_t>(1, inside.size() / most);
    for (std::size_t i = 0; i < inside.size(); i += step) add(to, inside[i], detect::family::v4);
}

}  // namespace

void choose_anchors(file& of, world const& place, random_stream& random)
{
    of.slots.clear();
    auto const some = [&] {
        return static_cast<std::size_t>(random.below(static_cast<std::uint32_t>(place.anchors().size())));
    };
    auto const near = by_distance(*of.who.claimed, place);
    for (std::size_t i = 0; i < 3; ++i) add(of, near[i], detect::family::v4);
    if (of.seen_in.known()) {
        auto const seen = by_distance(of.seen_at.value_or(middle_of(of.seen_in)), place);
        // Where address and claim contradict each other more anchors are asked, to find out which of them is right.
        auto const disputed = differ(of.seen_in, of.who.country);
        for (std::size_t i = 0; i < 2; ++i) add(of, seen[i], detect::family::v4);
        if (disputed) add_spread(of, of.seen_in, seen, place);
    }
    for (std::size_t i = 0; i < 3; ++i) add(of, some(), detect::family::v4);
    if (!of.v6) return;
    for (std::size_t i = 0; i < 2; ++i) add(of, near[i], detect::family::v6);
    while (of.slots.size() < 12 || std::count_if(of.slots.begin(), of.slots.end(), [](slot const& one) {
                                       return one.family == detect::family::v6;
                                   }) < 6) {
        add(of, some(), detect::family::v6);
    }
}

bool note_seen(file& of, detect::probe_hour const& seen, std::optional<detect::coordinates> const& city,
               world const& place, random_stream& random)
{
    if (seen.as != of.lately) of.hours_there = 0;
    of.lately = seen.as;
    if (++of.hours_there > week) of.who.home_as = seen.as;
    if (of.who.home_as == detect::as_number::unknown) of.who.home_as = seen.as;
    if (!seen.reports.empty()) of.who.release = seen.reports.back().release;
    if (seen.country == of.seen_in) return false;
    of.seen_in = seen.country;
    of.seen_at = city;
    choose_anchors(of, place, random);
    return true;
}

detect::firmware_catalogue rollout::at(int hour)
{
    detect::firmware_catalogue out;
    for (std::uint8_t release = 8; release <= 13; ++release) out.images.push_back({release, {release}});
    out.all_report = true;
    auto const raised = hour >= floor_raised;
    out.floor = raised ? first + 1 : first;
    out.floor_binds = detect::hour_time(std::chrono::hours{raised ? first_hour + floor_raised : 0});
    return out;
}

std::uint64_t rollout::wanted(int hour, bool first_wave)
{
    if (hour >= bad_release_ends) return bad_release + 1;
    if (hour >= bad_release_begins && first_wave) return bad_release;
    return hour >= second_release ? first + 1 : first;
}

}  // namespace tp::simulation
