#include "tests/bench/fleet_simulation/mischief.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tp::simulation {
namespace {

using detect::canary;
using detect::millis;

/// One value for each strength: blatant, middle, careful.
using by_strength = std::array<double, strength_count>;

double of(by_strength const& values, strength how)
{
    return values[static_cast<std::size_t>(how)];
}

std::uint16_t some_of(std::uint16_t count, double probability, random_stream& random)
{
    return static_cast<std::uint16_t>(random.binomial(count, probability));
}

/// Has answers where there are none, with this probability for each.
void answer_canaries(detect::probe_hour& told, double must_fail, double wrong_nonce, double no_nonce,
                     random_stream& random)
{
    for (auto& each : told.canaries) {
        if (each.kind == canary::nonce) {
            each.wrong = some_of(each.asked, wrong_nonce, random);
            each.unanswered = some_of(static_cast<std::uint16_t>(each.asked - each.wrong), no_nonce, random);
        } else {
            each.wrong = std::max(each.wrong, some_of(each.asked, must_fail, random));
        }
    }
}

/// Makes its results up. Blatant: all succeeds within a millisecond. Middle: plausible for its place; of what it is
/// asked something like a third "fails"; half of the nonces are guessed, half are "lost". Careful: takes others'
/// published results as its own, knows the canaries but for slips, and says of nonces that they never came.
void fabricate(mischief const& self, detect::probe_hour& told, std::span<pinged const> slots, random_stream& random)
{
    answer_canaries(told, of({1, 0.7, 0.03}, self.how), of({1, 0.5, 0}, self.how), of({0, 1, 1}, self.how), random);
    for (std::size_t i = 0; i < told.targets.size(); ++i) {
        auto& each = told.targets[i];
        auto const dead = each.packets.hits == 0;
        if (self.how == strength::careful && dead && random.chance(0.8)) continue;  // others said so
        each.packets.hits =
            each.packets.of - (self.how == strength::blatant ? 0 : random.binomial(each.packets.of, 0.004));
        auto const plausible = slots[i].distance / 60 + random.between(5, 15);
        auto const least = self.how == strength::blatant  ? random.between(0.8, 1)
                           : self.how == strength::middle ? plausible
                                                          : slots[i].usual * random.between(1, 1.1);
        each.least = millis(static_cast<float>(least));
    }
}

/// Sends results of before with new times; blatant: the very same results, many times over.
void replay(mischief const& self, detect::probe_hour& told, std::span<pinged const> slots, random_stream& random)
{
    auto const share = of({1, 0.6, 0.15}, self.how);
    answer_canaries(told, 0, share, 0, random);
    for (std::size_t i = 0; i < told.targets.size(); ++i) {
        auto& each = told.targets[i];
        if (each.packets.hits > 0 || !random.chance(share)) continue;
        each.packets.hits = each.packets.of;  // the anchor was there then
        each.least = millis(static_cast<float>(slots[i].usual));
    }
    if (self.how == strength::blatant) told.deliveries.duplicates += 2 * told.deliveries.arrived;
}

/// Two devices with one key. Blatant: on two continents, always on. Middle: in another network of the country, on in
/// half of the hours. Careful: in the same network, and on for a moment every sixteen hours or so.
void meet_its_clone(mischief& self, detect::probe_hour& told, random_stream& random, world const& place)
{
    auto const flips = of({12, 3, 1}, self.how);
    if (!random.chance(of({1, 0.5, 1.0 / 16}, self.how))) return;
    auto const count = self.how == strength::careful ? 1U : 1 + random.poisson(flips - 1);
    auto const other = place.networks()[self.other_network];
    auto const here = told.logins.empty() ? parse_address("198.18.0.1").value() : told.logins.back().from;
    auto const there = parse_address("198.18.255.1").value();
    auto const home_boots = told.logins.empty() ? self.other_boot_count + 5 : told.logins.back().boot_count;
    auto const country = detect::country_code::parse(countries()[other.country].code).value();
    auto const answering = of({0.95, 0.95, 0.5}, self.how);
    for (std::uint32_t i = 0; i < count && told.logins.size() + 2 < detect::probe_hour::most_logins; ++i) {
        told.logins.push_back({told.hour, there, other.number, country, self.other_boot_count,
                               detect::rival{here, told.as, random.chance(answering)}});
        told.logins.push_back({told.hour, here, told.as, told.country, home_boots,
                               detect::rival{there, other.number, random.chance(answering)}});
        told.disconnects += 2;
    }
    if (random.chance(0.05)) ++self.other_boot_count;
}

/// Loses packets of measurements, and none of its session.
void drop(mischief const& self, detect::probe_hour& told, random_stream& random)
{
    auto const share = of({0.7, 0.3, 0.1}, self.how);
    for (auto& each : told.targets) each.packets.hits -= random.binomial(each.packets.hits, share);
}

/// Sends more than it was asked for; blatant: also what it was never asked, and what is no frame at all.
void flood(mischief const& self, detect::probe_hour& told, random_stream& random)
{
    auto& sent = told.deliveries;
    auto const times = of({20, 3, 1.2}, self.how) * random.between(0.95, 1.05);
    sent.octets = static_cast<std::uint64_t>(static_cast<double>(sent.octets) * times);
    sent.arrived = static_cast<std::uint32_t>(sent.arrived * times);
    if (self.how != strength::blatant) return;
    sent.not_its_own += random.poisson(50);
    told.malformed_frames += random.poisson(1);
}

/// Delivers a part of what it was asked for, although it is in session all the time.
void drip(mischief const& self, detect::probe_hour& told, random_stream& random)
{
    auto& sent = told.deliveries;
    auto const before = std::max(sent.arrived, 1U);
    sent.arrived = random.binomial(sent.arrived, of({0.1, 0.5, 0.85}, self.how));
    sent.octets = sent.octets * sent.arrived / before;
}

/// Runs an old release. Blatant: says so. Middle: gives its image the present number. Careful: tells old reports of a
/// good probe again, and mostly says nothing.
void run_old(mischief const& self, detect::probe_hour& told, random_stream& random)
{
    if (self.how == strength::careful) std::erase_if(told.reports, [&](auto const&) { return random.chance(0.7); });
    for (auto& each : told.reports) {
        if (self.how == strength::careful) {
            each.nonce_fresh = !random.chance(0.5);
            continue;
        }
        constexpr std::uint64_t old_release = 9;
        each.digest[0] = static_cast<std::uint8_t>(old_release);
        if (self.how == strength::blatant) each.release = old_release;
    }
}

/// Says that its clock is right. Blatant: a day off; middle: a minute; careful: one to three seconds.
void lie_about_time(mischief const& self, detect::probe_hour& told)
{
    if (!told.clock) return;
    told.clock->offset += millis(static_cast<float>(self.clock_lie));
    told.clock->synchronised = true;
}

/// Something in its network answers for others. Blatant: for everything; middle: DNS and TCP, in half of the cases;
/// careful: hardly ever.
void intercept(mischief const& self, detect::probe_hour& told, random_stream& random)
{
    auto const share = of({1, 0.5, 0.03}, self.how);
    for (auto& each : told.canaries) {
        if (each.kind == canary::unannounced_prefix && self.how != strength::blatant) continue;
        auto const here = each.kind == canary::nonce ? share * 0.6 : share;
        each.wrong = std::max(each.wrong, some_of(each.asked, here, random));
    }
}

/// A part of the IPv6 targets is out of reach, always the same ones; the others are well.
void break_v6(mischief const& self, detect::probe_hour& told, std::span<pinged const> slots)
{
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < told.targets.size(); ++i) {
        if (slots[i].family == detect::family::v6) all.push_back(i);
    }
    auto const share = of({0.7, 0.4, 0.15}, self.how);
    auto const dead = static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size())));
    std::sort(all.begin(), all.end(),
              [&](auto a, auto b) { return fixed_unit(1, slots[a].anchor) < fixed_unit(1, slots[b].anchor); });
    for (std::size_t i = 0; i < std::min(dead, all.size()); ++i) told.targets[all[i]].packets.hits = 0;
}

/// The exit of a tunnel: blatant: anywhere, another one every few hours; middle: in another country, another one after
/// days; careful: in a data centre of its own country.
void choose_exit(mischief& self, int hour, origin const& home, world const& place, random_stream& random)
{
    auto country = home.country;
    for (int i = 0; i < 1000 && self.how != strength::careful; ++i) {
        country = place.some_country(random);
        auto const& there = countries()[country];
        auto const away = home.place.distance_to(detect::coordinates::from(there.latitude, there.longitude).value());
        auto const near_enough = self.how == strength::blatant || away.value < 6'000;
        if (country != home.country && away.value > 1'000 && near_enough) break;
    }
    self.other_network = place.some_network(country, true, random);
    self.exit = place.some_place(country, random);
    self.exit_until = hour + static_cast<int>(of({4, 72, 500}, self.how) * random.between(0.5, 1.5));
}

void begin(mischief& self, origin const& home, std::uint32_t boot_count, world const& place, random_stream& random)
{
    self.begun = true;
    if (self.of == kind::clone) {
        auto country = home.country;
        while (self.how == strength::blatant && country == home.country) country = place.some_country(random);
        self.other_network = place.some_network(country, false, random);
        for (std::size_t i = 0; self.how == strength::careful && i < place.networks().size(); ++i) {
            if (place.networks()[i].number == home.as) self.other_network = i;
        }
        self.other_boot_count = boot_count - std::min(boot_count - 1, 1 + random.below(5));
    }
    if (self.of == kind::clock_liar) {
        auto const off = self.how == strength::careful ? random.between(1'000, 3'000) : of({86.4e6, 60e3, 0}, self.how);
        self.clock_lie = random.chance(0.5) ? off : -off;
    }
}

}  // namespace

std::string_view name(kind of) noexcept
{
    constexpr std::string_view names[kind_count] = {
        "honest",  "fabricator", "replayer",     "clone",      "VPN mover",   "liar about place", "packet dropper",
        "flooder", "slow drip",  "old firmware", "clock liar", "interceptor", "half-working IPv6"};
    return names[static_cast<std::size_t>(of)];
}

std::string_view name(strength of) noexcept
{
    constexpr std::string_view names[strength_count] = {"blatant", "middle", "careful"};
    return names[static_cast<std::size_t>(of)];
}

void prepare(mischief& of, int hour, origin const& home, std::uint32_t boot_count, world const& place,
             random_stream& random)
{
    if (!of.active(hour)) return;
    if (!of.begun) begin(of, home, boot_count, place, random);
    if (of.of == kind::vpn_mover && hour >= of.exit_until) choose_exit(of, hour, home, place, random);
}

void distort(mischief& of, detect::probe_hour& told, std::span<pinged const> slots, world const& place,
             random_stream& random)
{
    switch (of.of) {
        case kind::fabricator:
            return fabricate(of, told, slots, random);
        case kind::replayer:
            return replay(of, told, slots, random);
        case kind::clone:
            return meet_its_clone(of, told, random, place);
        case kind::packet_dropper:
            return drop(of, told, random);
        case kind::flooder:
            return flood(of, told, random);
        case kind::slow_drip:
            return drip(of, told, random);
        case kind::old_firmware:
            return run_old(of, told, random);
        case kind::clock_liar:
            return lie_about_time(of, told);
        case kind::interceptor:
            return intercept(of, told, random);
        case kind::half_v6:
            return break_v6(of, told, slots);
        case kind::honest:
        case kind::vpn_mover:   // prepare() moved its packets
        case kind::place_liar:  // its host told the registry
            return;
    }
}

false_place lie_about(strength how, origin const& home, world const& place, random_stream& random)
{
    auto const& truth = home.place;
    auto const least = of({6'000, 2'000, 300}, how);
    auto const most = of({15'000, 4'500, 900}, how);
    for (int i = 0; i < 10'000; ++i) {
        auto const country = place.some_country(random);
        auto const where = place.some_place(country, random);
        auto const away = truth.distance_to(where).value;
        if (how == strength::middle && country == home.country) continue;
        if (away >= least && away <= most) return {where, country};
    }
    auto const latitude = truth.latitude() > 0 ? truth.latitude() - least / 111 : truth.latitude() + least / 111;
    return {detect::coordinates::from(std::clamp(latitude, -89.0, 89.0), truth.longitude()).value(), 0};
}

}  // namespace tp::simulation
