#include "tests/bench/fleet_simulation/life.hpp"

#include <algorithm>
#include <cmath>

namespace tp::simulation {
namespace {

// How often honest things happen. Where a figure has a source it is named; the others are guesses on the bad side.
namespace rate {
constexpr double hours_a_month = 720;
constexpr double leaves = 0.01, joins = 0.03;                     // of all, a month
constexpr double up_home = 12 * 24, up_data_centre = 60 * 24;     // mean hours
constexpr double down_home = 2, down_spread = 1.5;                // median hours, deviation of the logarithm
constexpr double reboot = 1.0 / (20 * 24);                        // an hour
constexpr double line_fault = 0.5 / 12 / hours_a_month;           // an hour; one in two years
constexpr double fault_length = 10, fault_spread = 1.0;           // median hours, deviation of the logarithm
constexpr double v6_outage = 0.5 / hours_a_month, v6_length = 8;  // an hour; median hours
constexpr double portal = 0.0002 / 24, portal_length = 1.5;       // an hour; mean hours
constexpr double provider_change = 0.01 / hours_a_month;
constexpr double house_move = 0.004 / hours_a_month,
                 far_move = 0.1;                   // an hour; of moves, to another part of the country
constexpr double restore = 0.001 / hours_a_month;  // a backup is played back
constexpr double busy_hour = 0.01;                 // a device that is too busy for its schedule
}  // namespace rate

access some_access(random_stream& random)
{
    auto const drawn = random.unit();
    if (drawn < 0.20) return access::data_centre;
    if (drawn < 0.87) return access::home;
    if (drawn < 0.95) return access::office;
    if (drawn < 0.985) return access::mobile;
    return drawn < 0.997 ? access::low_orbit : access::geostationary;
}

double some_access_time(access by, random_stream& random)
{
    switch (by) {
        case access::data_centre:
            return random.between(0.2, 1.0);
        case access::home:
            return random.chance(0.4) ? random.between(1, 4) : random.lognormal(9, 0.4);  // fibre, copper
        case access::office:
            return random.between(1, 6);
        case access::mobile:
            return random.lognormal(28, 0.3);
        case access::low_orbit:
        case access::geostationary:
            break;
    }
    return random.between(4, 15);
}

void make_line(household& out, random_stream& random)
{
    auto const by = out.from.by;
    if (by == access::data_centre) return;
    if (by == access::mobile) out.line_loss = random.between(0, 0.02);
    if (random.chance(0.02)) out.line_loss = random.between(0.01, 0.06);
    if (random.chance(0.003)) out.policed_loss = random.between(0.02, 0.12);
    if (random.chance(0.15)) out.evening = random.unit();
    if (random.chance(0.15)) out.daily_reconnect = static_cast<int>(random.between(1, 6));
    if (random.chance(0.02)) out.flaky = random.exponential(1.5);
    if (random.chance(0.01)) out.failovers = random.chance(0.1) ? 10 : 0.3;
    out.off_at_night = by == access::home && random.chance(0.03);
}

void make_clock(household& out, random_stream& random)
{
    if (random.chance(0.005)) {
        out.synchronised = false;
        out.drift = random.normal(0, 40);
    } else if (random.chance(0.0003)) {
        out.wrong_server = random.normal(0, 5'000);
    }
}

bool is_evening(household const& of, int hour)
{
    auto const local = (hour + countries()[of.from.country].clock + hours_a_day) % hours_a_day;
    return local >= 19 && local < 24;
}

bool is_night(household const& of, int hour)
{
    return (hour + countries()[of.from.country].clock + hours_a_day) % hours_a_day < 7;
}

void count_down(int& hours)
{
    if (hours > 0) --hours;
}

int some_hours(double median, double spread, random_stream& random)
{
    return std::max(1, static_cast<int>(std::lround(random.lognormal(median, spread))));
}

/// Power and line of the household: on or off for the hour.
bool is_up(household const& of, condition& now, int hour, random_stream& random)
{
    if (--now.remaining <= 0) {
        now.up = !now.up;
        auto const mean = of.from.by == access::data_centre ? rate::up_data_centre : rate::up_home;
        now.remaining = now.up ? std::max(1, static_cast<int>(random.exponential(mean)))
                               : some_hours(rate::down_home, rate::down_spread, random);
    }
    return now.up && !(of.off_at_night && is_night(of, hour));
}

void suffer(household const& of, condition& now, random_stream& random)
{
    for (auto* each : {&now.failover, &now.line_fault, &now.v6_outage, &now.portal, &now.unsynchronised}) {
        count_down(*each);
    }
    if (of.from.by == access::data_centre) return;
    if (random.chance(rate::line_fault)) {
        now.line_fault = some_hours(rate::fault_length, rate::fault_spread, random);
        now.fault_loss = random.between(0.03, 0.35);
    }
    if (of.v6 && random.chance(rate::v6_outage)) now.v6_outage = some_hours(rate::v6_length, 1, random);
    if (random.chance(rate::portal)) now.portal = 1 + static_cast<int>(random.exponential(rate::portal_length));
    if (now.failover == 0 && random.chance(of.failovers / hours_a_day)) {
        now.failover = some_hours(of.failovers > 1 ? 0.5 : 3, 0.5, random);
    }
}

void keep_time(household const& of, condition& now, circumstances& out, random_stream& random)
{
    constexpr double ms_an_hour_a_ppm = 3.6;
    now.free_clock += of.drift * ms_an_hour_a_ppm;
    out.synchronised = of.synchronised && now.unsynchronised == 0;
    out.clock = of.synchronised ? random.normal(of.wrong_server, 15) : now.free_clock;
    if (now.unsynchronised > 0) out.clock = now.unsynchronised_by;
}

void start(condition& now, circumstances& out, random_stream& random)
{
    ++out.boots;
    ++now.boot_count;
    constexpr double without_a_clock = 0.3;  // of the devices: they begin in the past
    if (!random.chance(without_a_clock) || !random.chance(0.1)) return;
    now.unsynchronised = 1;
    now.unsynchronised_by = -random.between(1e6, 1e9);
}

/// Why sessions begin and end in this hour.
void come_and_go(household const& of, condition& now, int hour, weather const& outside, circumstances& out,
                 random_stream& random)
{
    if (!now.was_in_session) {
        ++out.new_sessions;
        out.connected = random.between(0.05, 1);
        if (random.chance(0.5)) start(now, out, random);
        out.new_address = random.chance(0.3);
    } else if (random.chance(rate::reboot)) {
        ++out.new_sessions;
        ++out.ends;
        out.connected = random.between(0.9, 0.99);
        start(now, out, random);
    }
    auto drops = random.poisson(of.flaky);
    if (of.daily_reconnect == hour % hours_a_day) {
        ++drops;
        out.new_address = true;
    }
    auto const on_second = now.failover > 0;
    if (on_second != now.was_on_second) {
        ++drops;
        out.new_address = true;
    }
    now.was_on_second = on_second;
    if (outside.controller_died) drops += 1 + random.below(3);
    out.new_sessions += drops;
    out.ends += drops;
    out.connected *= std::pow(0.995, drops);
    if (random.chance(rate::restore) && now.backup_of > 0 && now.backup_of < now.boot_count) {
        out.restored = true;
        now.boot_count = now.backup_of;
        ++out.new_sessions;
    }
    if (random.chance(0.001)) now.backup_of = now.boot_count;
}

void move_house(household& of, condition& now, int hour, world const& place, circumstances& out, random_stream& random)
{
    if (of.from.by == access::data_centre) return;
    auto const moves = random.chance(rate::house_move);
    if (moves || random.chance(rate::provider_change)) {
        of.network = place.some_network(of.from.country, false, random);
        of.from.as = place.networks()[of.network].number;
        now.provider_changed = hour;
        out.just_changed_provider = true;
        out.new_address = true;
    }
    if (!moves) return;
    auto const& here = of.from.place;
    auto const near = detect::coordinates::from(std::clamp(here.latitude() + random.normal(0, 0.2), -89.0, 89.0),
                                                std::clamp(here.longitude() + random.normal(0, 0.2), -179.0, 179.0));
    of.from.place = random.chance(rate::far_move) ? place.some_place(of.from.country, random) : near.value();
    now.moved = hour;
    out.just_moved = true;
}

void lose_packets(household const& of, condition const& now, int hour, weather const& outside, circumstances& out,
                  random_stream& random)
{
    out.line_loss = of.line_loss;
    if (of.evening > 0 && is_evening(of, hour) && random.chance(0.8)) {
        constexpr double most_loss = 0.08, most_delay = 60;  // ms, of the least of an hour
        out.line_loss += most_loss * of.evening * random.unit();
        out.delay += most_delay * of.evening * random.unit();
    }
    if (now.line_fault > 0) out.line_loss += now.fault_loss * random.between(0.6, 1.2);
    out.session_loss = out.line_loss + (outside.session_spared ? 0 : outside.loss);
    out.ping_loss = out.line_loss + outside.loss + of.policed_loss * random.between(0.5, 1.5);
    out.delay += outside.delay;
    if (now.failover > 0) out.delay += 25;
}

}  // namespace

household make_household(world const& place, int hours, random_stream& random)
{
    auto const country = place.some_country(random);
    auto const by = some_access(random);
    auto const network = place.some_network(country, by == access::data_centre, random);
    household out{.from = {place.some_place(country, random), place.networks()[network].number, country, by,
                           some_access_time(by, random)},
                  .network = network};
    out.v6 = random.chance(by == access::data_centre ? 0.85 : 0.45);
    make_line(out, random);
    make_clock(out, random);
    out.second_network = place.some_network(country, false, random);
    if (random.chance(0.015)) out.database_country = place.some_country(random);
    out.other_transit = random.chance(0.03);
    if (random.chance(0.02)) out.pace = random.between(0.88, 0.97);
    out.result_size = random.lognormal(400, 0.25);
    out.leaves = hours + 1;
    if (random.chance(rate::joins * hours / rate::hours_a_month))
        out.joins = static_cast<int>(random.between(0, hours));
    if (random.chance(rate::leaves * hours / rate::hours_a_month))
        out.leaves = static_cast<int>(random.between(0, hours));
    return out;
}

condition begin(household const& of, random_stream& random)
{
    condition out;
    out.remaining = 1 + static_cast<int>(random.exponential(of.from.by == access::data_centre ? rate::up_data_centre
                                                                                              : rate::up_home));
    out.boot_count = 2 + random.poisson(20);
    if (random.chance(0.2)) out.backup_of = 1 + random.below(out.boot_count);
    out.free_clock = of.drift * random.between(0, 10'000);
    return out;
}

circumstances pass(household& of, condition& now, int hour, weather const& outside, world const& place,
                   random_stream& random)
{
    circumstances out;
    out.connected = 1;
    move_house(of, now, hour, place, out, random);
    suffer(of, now, random);
    auto const present =
        hour >= of.joins && hour < of.leaves && is_up(of, now, hour, random) && !random.chance(outside.dark);
    if (!present) {
        now.was_in_session = false;
        out.connected = 0;
        return out;
    }
    come_and_go(of, now, hour, outside, out, random);
    out.network = now.failover > 0 ? of.second_network : of.network;
    lose_packets(of, now, hour, outside, out, random);
    keep_time(of, now, out, random);
    out.v6_dead = now.v6_outage > 0;
    out.portal = now.portal > 0;
    out.pace = of.pace * random.between(0.985, 1);
    if (random.chance(rate::busy_hour)) out.pace *= random.between(0.5, 1);
    if (out.new_address) ++now.address;
    now.was_in_session = true;
    return out;
}

}  // namespace tp::simulation
