#include "tests/bench/fleet_simulation/probe.hpp"

#include <algorithm>
#include <cmath>

namespace tp::simulation {
namespace {

using detect::canary;
using detect::millis;

constexpr std::uint32_t pings_an_hour = 15, packets_a_ping = 3;

detect::country_code code_of(std::size_t country)
{
    return detect::country_code::parse(countries()[country].code).value();
}

ip_address address_of(std::uint32_t network, std::uint32_t host)
{
    auto const bits = 0x0B000000U + network * 4096 + host % 4096;  // of no meaning but to differ
    return boost::asio::ip::make_address_v4(bits);
}

/// The least round trips to the anchors of its slots, by the way that its packets take.
void find_ways(probe& one, surroundings const& around, file const& registered)
{
    auto from = one.home.from;
    double tunnel = 0;
    if (one.evil.exit) {
        constexpr double detour = 1.05;
        tunnel = detour * around.place.between(from, *one.evil.exit);
        auto const& network = around.place.networks()[one.evil.other_network];
        from = {*one.evil.exit, network.number, network.country, access::data_centre, 0.5};
    }
    one.usual.clear();
    for (auto const& each : registered.slots) {
        auto const& anchor = around.place.anchors()[each.anchor];
        one.usual.push_back(tunnel + around.place.least_round_trip(from, anchor, each.family));
    }
}

void tell_where(probe const& one, surroundings const& around, circumstances const& was, detect::probe_hour& seen)
{
    auto network = one.evil.exit ? one.evil.other_network : was.network;
    auto const& through = around.place.networks()[network];
    auto country = through.country;
    auto const at_home = !one.evil.exit && was.network == one.home.network;
    if (at_home) {
        country = around.outside.other_country.value_or(one.home.database_country.value_or(country));
    }
    seen.as = at_home ? around.outside.other_as.value_or(through.number) : through.number;
    seen.country = code_of(country);
    auto hop = seen.as;
    if (one.home.other_transit && !one.evil.exit) hop = static_cast<detect::as_number>(64'000);
    seen.measured_as = hop;
}

void tell_logins(probe& one, surroundings const& around, circumstances const& was, detect::probe_hour& seen)
{
    auto& random = one.told;
    auto const from = address_of(static_cast<std::uint32_t>(was.network), one.now.address);
    auto const before = address_of(static_cast<std::uint32_t>(was.network), one.now.address + 1);
    auto const first_count =
        one.now.boot_count - std::min(one.now.boot_count - 1, was.boots > 0 && !was.restored ? 1U : 0U);
    for (std::uint32_t i = 0; i < std::min(was.new_sessions, 16U); ++i) {
        auto const last = i + 1 == was.new_sessions;
        detect::login entry{seen.hour, from, seen.as, seen.country, last ? one.now.boot_count : first_count, {}};
        // Most lines that fail leave their session behind; hardly ever an acknowledgement is still under way.
        if (random.chance(0.6)) entry.displaced = detect::rival{before, seen.as, random.chance(0.001)};
        seen.logins.push_back(entry);
    }
    seen.disconnects = was.ends;
    (void)around;
}

void tell_pings(probe& one, surroundings const& around, circumstances const& was, file const& registered,
                detect::probe_hour& seen, std::vector<pinged>& slots)
{
    auto& random = one.told;
    auto const packets = static_cast<std::uint32_t>(std::lround(pings_an_hour * was.connected)) * packets_a_ping;
    auto const jitter = one.home.from.by == access::mobile ? 5.0 : 0.4;
    for (std::size_t i = 0; i < registered.slots.size(); ++i) {
        auto const& slot = registered.slots[i];
        auto const& anchor = around.place.anchors()[slot.anchor];
        auto const v6 = slot.family == detect::family::v6;
        detect::target_hour each{v6 ? anchor.ping6 : anchor.ping4, {0, packets}, {}};
        auto const dead = around.events.anchor_dark(slot.anchor, seen.as) || (v6 && was.v6_dead);
        if (!dead) each.packets.hits = random.binomial(packets, 1 - std::min(0.98, was.ping_loss + 0.001));
        auto const least = one.usual[i] + was.delay + random.exponential(jitter);
        each.least = millis(static_cast<float>(least));
        seen.targets.push_back(each);
        slots.push_back(
            {slot.anchor, slot.family, one.usual[i], registered.who.claimed->distance_to(anchor.listed).value});
    }
}

void ask_canary(canary kind, std::size_t which, std::uint16_t asked, bool wrong, surroundings const& around,
                detect::probe_hour& seen)
{
    auto const& all = around.place.canaries(kind);
    seen.canaries.push_back({all[which], kind, asked, wrong ? asked : std::uint16_t{0}, 0});
}

void tell_canaries(probe& one, surroundings const& around, circumstances const& was, file const& registered,
                   detect::probe_hour& seen)
{
    auto const turn = static_cast<std::size_t>(around.hour) + static_cast<std::size_t>(registered.who.probe.value());
    auto const count = [&](canary kind) { return around.place.canaries(kind).size(); };
    auto const behind = was.portal || (around.outside.filtered && was.network == one.home.network && !one.evil.exit);
    auto const prefix = turn % count(canary::unannounced_prefix);
    ask_canary(canary::unannounced_prefix, prefix, 2, around.events.prefix_announced(prefix), around, seen);
    ask_canary(canary::closed_port, turn % count(canary::closed_port), 1, was.portal, around, seen);
    ask_canary(canary::absent_name, turn % count(canary::absent_name), 1, behind, around, seen);
    for (std::size_t i = 0; i < 2; ++i) {
        auto const anchor = registered.slots[(turn + i) % registered.slots.size()].anchor;
        if (around.events.anchor_dark(anchor, seen.as)) continue;
        ask_canary(canary::nonce, anchor, 1, was.portal || around.events.nonce_broken(anchor), around, seen);
        if (seen.canaries.back().wrong == 0 && one.told.chance(was.ping_loss)) seen.canaries.back().unanswered = 1;
    }
}

void tell_deliveries(probe& one, circumstances const& was, bool isolated, detect::probe_hour& seen)
{
    constexpr double others_an_hour = 40;  // what users measure; pings and canaries go on in isolation
    auto& random = one.told;
    auto const runs = static_cast<double>(seen.targets.size() * pings_an_hour) + (isolated ? 0 : others_an_hour);
    auto& sent = seen.deliveries;
    sent.expected = static_cast<std::uint32_t>(std::lround(runs * was.connected));
    sent.arrived = random.binomial(sent.expected, std::min(0.999, was.pace));
    // A session that ends leaves a batch unacknowledged: it is sent again.
    if (was.ends > 0) sent.duplicates = random.poisson(4.0 * was.ends);
    if (random.chance(0.002)) sent.not_its_own = 1 + random.below(4);  // a job that ended meanwhile
    sent.octets = static_cast<std::uint64_t>(sent.arrived * one.home.result_size * random.between(0.95, 1.05));
}

void tell_session(probe& one, surroundings const& around, circumstances const& was, detect::probe_hour& seen)
{
    auto& random = one.told;
    auto const segments = 300 + random.below(500);
    auto const lost = std::min(0.95, was.session_loss * random.between(0.7, 1.2) + 0.002);
    seen.tunnel = detect::tally{random.binomial(segments, lost), segments};
    seen.tunnel_family = detect::family::v4;
    auto const round_trip = std::max(10.0, one.usual.front()) + was.delay;
    auto const seen_by = was.clock - around.outside.controller_clock + random.normal(0, round_trip / 10);
    seen.clock = {millis(static_cast<float>(seen_by)), millis(static_cast<float>(round_trip / 2)), was.synchronised};
}

/// True when it did, and started anew.
bool update(probe& one, surroundings const& around)
{
    if (one.evil.of == kind::old_firmware && one.evil.active(around.hour)) return false;
    auto const wanted = rollout::wanted(around.hour, one.first_wave);
    if (wanted <= one.release) return false;
    auto const urgent = one.release < rollout::at(around.hour).floor || wanted == bad_release;
    if (!one.life.chance(urgent ? 0.4 : 1.0 / 30)) return false;
    one.release = wanted;
    return true;
}

void tell_firmware(probe& one, surroundings const& around, bool updated, detect::probe_hour& seen)
{
    auto const turn = (around.hour + static_cast<int>(one.home.network)) % 6 == 0;
    if (seen.logins.empty() && !turn && !updated) return;
    auto const octet = static_cast<std::uint8_t>(one.release);
    seen.reports.push_back({seen.hour, one.release, {octet}, true, true});
    if (around.outside.malformed) seen.malformed_frames = 1 + one.told.poisson(3);
}

void clear(detect::probe_hour& seen, int hour, std::size_t controller)
{
    auto logins = std::move(seen.logins);
    auto targets = std::move(seen.targets);
    auto canaries = std::move(seen.canaries);
    auto reports = std::move(seen.reports);
    seen = {};
    seen.logins = std::move(logins), seen.logins.clear();
    seen.targets = std::move(targets), seen.targets.clear();
    seen.canaries = std::move(canaries), seen.canaries.clear();
    seen.reports = std::move(reports), seen.reports.clear();
    seen.hour = detect::hour_time(std::chrono::hours{first_hour + hour});
    seen.controller = controller_id::from(static_cast<std::int64_t>(controller) + 1).value();
}

}  // namespace

std::optional<detect::coordinates> city_of(probe const& one, surroundings const& around, detect::probe_hour const& seen)
{
    constexpr double known = 0.75, error = 1.0;  // degrees
    auto const number = static_cast<std::uint64_t>(one.home.network);
    auto const network = one.evil.exit ? one.evil.other_network : one.home.network;
    auto const country = around.place.networks()[network].country;
    if (code_of(country) != seen.country) return std::nullopt;  // it does not even know the country
    auto const salt = static_cast<std::uint64_t>(one.home.from.place.latitude() * 1'000'000);
    if (fixed_unit(around.place.seed(), number, salt) > known) return std::nullopt;
    auto const& truth = one.evil.exit.value_or(one.home.from.place);
    auto const shift = [&](std::uint64_t of) { return error * (2 * fixed_unit(of, number, salt) - 1); };
    return detect::coordinates::from(std::clamp(truth.latitude() + shift(1), -89.0, 89.0),
                                     std::clamp(truth.longitude() + shift(2), -179.0, 179.0))
        .value();
}

bool live(probe& one, surroundings const& around, file const& registered, bool isolated, detect::probe_hour& seen)
{
    auto const was = pass(one.home, one.now, around.hour, around.outside, around.place, one.life);
    if (was.just_moved) one.moved = around.hour;
    if (was.just_moved || was.just_changed_provider) one.usual.clear();
    if (was.connected <= 0) return false;
    auto const exit_before = one.evil.exit_until;
    prepare(one.evil, around.hour, one.home.from, one.now.boot_count, around.place, one.evils);
    if (one.evil.exit_until != exit_before) one.usual.clear();
    if (one.usual.size() != registered.slots.size()) find_ways(one, around, registered);

    clear(seen, around.hour, around.controller);
    seen.connected = std::chrono::seconds(std::lround(3600 * was.connected));
    auto const updated = update(one, around);
    tell_where(one, around, was, seen);
    tell_logins(one, around, was, seen);
    std::vector<pinged> slots;
    tell_pings(one, around, was, registered, seen, slots);
    tell_canaries(one, around, was, registered, seen);
    tell_deliveries(one, was, isolated, seen);
    tell_session(one, around, was, seen);
    tell_firmware(one, around, updated, seen);
    if (one.evil.active(around.hour)) distort(one.evil, seen, slots, around.place, one.evils);
    return true;
}

}  // namespace tp::simulation
