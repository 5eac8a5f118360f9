#include "tests/bench/fleet_simulation/events.hpp"

#include <algorithm>

namespace tp::simulation {
namespace {

struct frequency {
    trouble what;
    double a_month;        // for a fleet of any size
    double hours, spread;  // median length, and deviation of its logarithm
};

constexpr frequency frequencies[] = {
    {trouble::as_dark, 60, 4, 1.0},        {trouble::as_lossy, 25, 12, 0.8},
    {trouble::country_dark, 3, 8, 0.6},    {trouble::country_lossy, 4, 14, 0.6},
    {trouble::country_detour, 3, 48, 0.6}, {trouble::country_filter, 2, 60, 0.4},
    {trouble::as_moved, 5, 10'000, 0},     {trouble::as_renumbered, 4, 10'000, 0},
    {trouble::controller_dead, 4, 1, 0},   {trouble::controller_clock, 2, 12, 0.5},
    {trouble::anchor_dark, 200, 3, 0.9},   {trouble::prefix_announced, 1, 10, 0.5},
    {trouble::nonce_broken, 3, 6, 0.8},
};
constexpr int always_filtering = 2;      // networks
constexpr std::uint32_t known_size = 8;  // a network that always filters is counted as a mass only from this size

double strength_of(trouble what, random_stream& random)
{
    switch (what) {
        case trouble::as_lossy:
            return random.between(0.15, 0.7);
        case trouble::country_dark:
            return random.between(0.7, 0.98);
        case trouble::country_lossy:
            return random.between(0.1, 0.4);
        case trouble::country_detour:
            return random.between(60, 220);
        case trouble::controller_clock:
            return random.between(3'000, 120'000);
        default:
            return 0;
    }
}

std::size_t scope_of(trouble what, world const& place, random_stream& random)
{
    auto const pick = [&](std::size_t count) { return random.below(static_cast<std::uint32_t>(count)); };
    switch (what) {
        case trouble::country_dark:
        case trouble::country_lossy:
        case trouble::country_detour:
        case trouble::country_filter:
            return 1 + pick(countries().size() - 1);  // Germany is a seventh of the fleet
        case trouble::controller_dead:
        case trouble::controller_clock:
            return pick(controller_count);
        case trouble::anchor_dark:
        case trouble::nonce_broken:
            return pick(place.anchors().size());
        case trouble::prefix_announced:
            return pick(place.canaries(detect::canary::unannounced_prefix).size());
        default:
            break;
    }
    for (;;) {  // a network with probes; larger ones as often as small ones
        auto const one = pick(place.networks().size());
        auto const probes = place.networks()[one].probes;
        if (probes >= (what == trouble::as_filter ? known_size : 1)) return one;
    }
}

}  // namespace

std::string_view name(trouble of) noexcept
{
    constexpr std::string_view names[trouble_count] = {"AS dark",
                                                       "AS lossy",
                                                       "AS filters",
                                                       "AS moved in the database",
                                                       "AS renumbered",
                                                       "country dark",
                                                       "country lossy",
                                                       "country takes a detour",
                                                       "country filters",
                                                       "controller dead",
                                                       "controller's clock",
                                                       "bad release",
                                                       "anchor dark",
                                                       "canary's prefix announced",
                                                       "anchor's nonces wrong"};
    return names[static_cast<std::size_t>(of)];
}

bool shows_as(trouble of, registry::detect::rule by) noexcept
{
    using registry::detect::rule;
    switch (of) {
        case trouble::as_dark:
        case trouble::as_lossy:
        case trouble::country_dark:
        case trouble::country_lossy:
        case trouble::controller_dead:
            return by == rule::peers || by == rule::result_rate || by == rule::flapping || by == rule::two_places ||
                   by == rule::session_counter;
        case trouble::country_detour:
            return by == rule::place || by == rule::round_trip || by == rule::peers;
        case trouble::as_filter:
        case trouble::country_filter:
        case trouble::prefix_announced:
        case trouble::nonce_broken:
        case trouble::anchor_dark:
            return by == rule::canary;
        case trouble::as_moved:
        case trouble::as_renumbered:
            return by == rule::place;
        case trouble::controller_clock:
            return by == rule::clock;
        case trouble::bad_release:
            return by == rule::protocol || by == rule::firmware;
    }
    return true;
}

calendar::calendar(world const& place, int days, std::uint64_t seed)
    : world_(place),
      starting_(static_cast<std::size_t>(days * hours_a_day)),
      ending_(static_cast<std::size_t>(days * hours_a_day))
{
    random_stream random(seed, 0xCA);
    for (auto const& each : frequencies) plan(each.what, each.a_month, days, random);
    for (int i = 0; i < always_filtering; ++i) {
        all_.push_back({trouble::as_filter, scope_of(trouble::as_filter, world_, random), 0, days * hours_a_day});
    }
    all_.push_back({trouble::bad_release, static_cast<std::size_t>(bad_release), bad_release_begins, bad_release_ends});
    for (std::size_t i = 0; i < all_.size(); ++i) {
        auto const begin = static_cast<std::size_t>(all_[i].begin), end = static_cast<std::size_t>(all_[i].end);
        if (begin < starting_.size()) starting_[begin].push_back(i);
        if (end < ending_.size()) ending_[end].push_back(i);
    }
}

event calendar::draw(trouble what, int days, random_stream& random) const
{
    auto const* const found =
        std::find_if(std::begin(frequencies), std::end(frequencies), [&](auto const& one) { return one.what == what; });
    event out{what,
              scope_of(what, world_, random),
              static_cast<int>(random.below(static_cast<std::uint32_t>(days * hours_a_day))),
              0,
              strength_of(what, random),
              random.chance(0.5)};
    out.end = out.begin + std::max(1, static_cast<int>(random.lognormal(found->hours, found->spread)));
    return out;
}

void calendar::plan(trouble what, double a_month, int days, random_stream& random)
{
    constexpr double days_a_month = 30;
    auto const count = random.poisson(a_month * days / days_a_month);
    for (std::uint32_t i = 0; i < count; ++i) all_.push_back(draw(what, days, random));
}

void calendar::turn_to(int hour)
{
    auto const at = static_cast<std::size_t>(hour);
    for (auto const i : ending_[at]) {
        auto const found = now_.find({all_[i].what, all_[i].where});
        if (found == now_.end()) continue;
        std::erase(found->second, &all_[i]);
        if (found->second.empty()) now_.erase(found);
    }
    for (auto const i : starting_[at]) {
        if (all_[i].end > hour) now_[{all_[i].what, all_[i].where}].push_back(&all_[i]);
    }
}

std::vector<event const*> const& calendar::active(trouble what, std::size_t where) const
{
    static std::vector<event const*> const none;
    auto const found = now_.find({what, where});
    return found == now_.end() ? none : found->second;
}

weather calendar::of(std::size_t network, std::size_t country, std::size_t controller, std::uint64_t release) const
{
    weather out;
    if (now_.empty()) return out;
    // What happens to a network with one or two probes is no mass event for anybody who looks at probes.
    constexpr std::uint32_t several = 3;
    auto const large = world_.networks()[network].probes >= several;
    auto const each = [&](trouble what, std::size_t where, auto apply) {
        for (auto const* const one : active(what, where)) {
            apply(*one);
            if (what >= trouble::country_dark || large) out.mass.set(static_cast<std::size_t>(what));
        }
    };
    auto const lossy = [&](event const& one) {
        out.loss = std::max(out.loss, one.strength);
        out.session_spared = one.spares_session;
    };
    each(trouble::as_dark, network, [&](event const&) { out.dark = 1; });
    each(trouble::as_lossy, network, lossy);
    each(trouble::as_filter, network, [&](event const&) { out.filtered = true; });
    // The database's mistake, and the new owner, are the same for all of its probes.
    each(trouble::as_moved, network, [&](event const& one) {
        out.other_country = (country + 1 + static_cast<std::size_t>(one.begin)) % countries().size();
    });
    each(trouble::as_renumbered, network,
         [&](event const& one) { out.other_as = static_cast<detect::as_number>(60'000 + one.where); });
    each(trouble::country_dark, country, [&](event const& one) { out.dark = std::max(out.dark, one.strength); });
    each(trouble::country_lossy, country, lossy);
    each(trouble::country_detour, country, [&](event const& one) { out.delay = one.strength; });
    each(trouble::country_filter, country, [&](event const&) { out.filtered = true; });
    each(trouble::controller_dead, controller, [&](event const&) { out.controller_died = true; });
    each(trouble::controller_clock, controller, [&](event const& one) { out.controller_clock = one.strength; });
    each(trouble::bad_release, static_cast<std::size_t>(release), [&](event const&) { out.malformed = true; });
    return out;
}

bool calendar::anchor_dark(std::size_t anchor, detect::as_number from) const
{
    for (auto const* const one : active(trouble::anchor_dark, anchor)) {
        if (!one->spares_session || world_.anchors()[anchor].as != from) return true;
    }
    return false;
}

bool calendar::prefix_announced(std::size_t canary) const
{
    return !active(trouble::prefix_announced, canary).empty();
}

bool calendar::nonce_broken(std::size_t anchor) const
{
    return !active(trouble::nonce_broken, anchor).empty();
}

}  // namespace tp::simulation
