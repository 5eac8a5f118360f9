#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {

hour_facts condense(profile const& who, probe_hour const& seen, target_list const& targets, survey const& others,
                    firmware_catalogue const& signed_ones, rule_limits const& limits)
{
    return {.hour = seen.hour,
            .two_places = two_places_of(seen),
            .session_counter = session_counter_of(seen),
            .firmware = firmware_of(seen, signed_ones),
            .round_trip = round_trip_of(who, seen, targets, others, limits.round_trip),
            .place = place_of(who, seen, targets, others, limits.place),
            .canary = canary_of(who, seen, targets, others, limits.canary),
            .result_rate = result_rate_of(seen, others, limits.result_rate),
            .protocol = protocol_of(seen),
            .flapping = flapping_of(seen),
            .clock = clock_of(seen, others, limits.clock),
            .peers = peers_of(who, seen, targets, others, limits.peers)};
}

verdicts examine(window_view window, rule_limits const& limits)
{
    verdicts out;
    out[index(rule::two_places)] = examine_two_places(window, limits.two_places);
    out[index(rule::session_counter)] = examine_session_counter(window, limits.session_counter);
    out[index(rule::firmware)] = examine_firmware(window, limits.firmware);
    out[index(rule::round_trip)] = examine_round_trip(window, limits.round_trip);
    out[index(rule::place)] = examine_place(window, limits.place);
    out[index(rule::canary)] = examine_canary(window, limits.canary);
    out[index(rule::result_rate)] = examine_result_rate(window, limits.result_rate);
    out[index(rule::protocol)] = examine_protocol(window, limits.protocol);
    out[index(rule::flapping)] = examine_flapping(window, limits.flapping);
    out[index(rule::clock)] = examine_clock(window, limits.clock);
    out[index(rule::peers)] = examine_peers(window, limits.peers);
    return out;
}

void window::add(hour_facts facts)
{
    forget_before(facts.hour);
    constexpr auto most = static_cast<std::size_t>(longest_window.count());
    if (first_ >= most) {
        facts_.erase(facts_.begin(), facts_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    facts_.push_back(std::move(facts));
}

void window::forget_before(hour_time now)
{
    while (first_ < facts_.size() && facts_[first_].hour + longest_window <= now) ++first_;
}

}  // namespace tp::registry::detect
