#pragma once

#include <vector>

#include "registry/detect/hour_facts.hpp"
#include "registry/detect/observation.hpp"
#include "registry/detect/survey.hpp"
#include "registry/detect/targets.hpp"

/// What the tests of the detectors share: a few anchors, probes near them, and whole windows.
namespace tp::registry::detect::test {

inline probe_id probe(int number)
{
    return probe_id::from(number).value();
}
inline measurement_id measurement(int number)
{
    return measurement_id::from(number).value();
}
inline controller_id controller(int number)
{
    return controller_id::from(number).value();
}
inline as_number as(std::uint32_t number)
{
    return static_cast<as_number>(number);
}
inline country_code country(std::string_view letters)
{
    return country_code::parse(letters).value();
}
inline coordinates at(double latitude, double longitude)
{
    return coordinates::from(latitude, longitude).value();
}
inline ip_address address(std::string_view text)
{
    return parse_address(text).value();
}
inline hour_time hour(int number)
{
    return hour_time(std::chrono::hours{490'000 + number});
}

inline coordinates const amsterdam = at(52.4, 4.9);
inline coordinates const rotterdam = at(51.9, 4.5);
inline coordinates const frankfurt = at(50.1, 8.7);
inline coordinates const tokyo = at(35.7, 139.7);
inline coordinates const sydney = at(-33.9, 151.2);

// Measurements: pings to anchors, IPv4 and IPv6.
inline measurement_id const to_amsterdam = measurement(1), to_frankfurt = measurement(2), to_tokyo = measurement(3),
                            to_sydney = measurement(4), to_rotterdam = measurement(5);
inline measurement_id const v6_amsterdam = measurement(11), v6_frankfurt = measurement(12), v6_tokyo = measurement(13);

inline target_list const& anchors()
{
    static target_list const all({{to_amsterdam, family::v4, amsterdam, as(64601), 1},
                                  {to_frankfurt, family::v4, frankfurt, as(64602), 2},
                                  {to_tokyo, family::v4, tokyo, as(64603), 3},
                                  {to_sydney, family::v4, sydney, as(64604), 4},
                                  {to_rotterdam, family::v4, rotterdam, as(64605), 5},
                                  {v6_amsterdam, family::v6, amsterdam, as(64601), 1},
                                  {v6_frankfurt, family::v6, frankfurt, as(64602), 2},
                                  {v6_tokyo, family::v6, tokyo, as(64603), 3}});
    return all;
}

inline profile probe_in(coordinates place, int number = 1)
{
    return {.probe = probe(number), .claimed = place, .country = country("NL"), .home_as = as(64500), .release = 7};
}

inline target_hour pings(measurement_id to, float least, std::uint32_t answered = 45, std::uint32_t sent = 45)
{
    return {to, {answered, sent}, millis(least)};
}

/// A whole hour in session, all well, from Amsterdam.
inline probe_hour good_hour(hour_time when = hour(0))
{
    probe_hour out;
    out.hour = when;
    out.connected = std::chrono::hours{1};
    out.controller = controller(1);
    out.as = as(64500);
    out.country = country("NL");
    out.tunnel = tally{0, 1000};
    out.clock = {{millis(3.0F)}, millis(5.0F), true};
    out.deliveries = {.expected = 100, .arrived = 100, .octets = 40'000};
    out.targets = {pings(to_amsterdam, 6), pings(to_frankfurt, 14), pings(to_tokyo, 240), pings(to_sydney, 280)};
    return out;
}

/// What `count` probes near Amsterdam saw, each changed by `change(number, who, seen)`.
template <class Change>
survey survey_of(int count, Change change)
{
    survey out(anchors());
    for (int i = 0; i < count; ++i) {
        auto who = probe_in(amsterdam, 1000 + i);
        auto seen = good_hour();
        change(i, who, seen);
        out.add(who, seen);
    }
    return out;
}
inline survey quiet_survey(int count = 40)
{
    return survey_of(count, [](int, profile&, probe_hour&) {});
}

/// A window of `count` hours, each changed by `change(number, facts)`.
template <class Change>
std::vector<hour_facts> window_of(int count, Change change)
{
    std::vector<hour_facts> out(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        out[static_cast<std::size_t>(i)].hour = hour(i);
        change(i, out[static_cast<std::size_t>(i)]);
    }
    return out;
}

inline severity level(verdict const& of)
{
    return of.what ? of.what->level : severity{};
}
inline constexpr severity nothing{};

}  // namespace tp::registry::detect::test
