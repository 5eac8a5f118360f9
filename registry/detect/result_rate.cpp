#include "registry/detect/result_rate.hpp"

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {
namespace {

struct seen_in_window {
    std::size_t hours = 0, few = 0, very_few = 0, many = 0, very_many = 0, again = 0, large = 0;
    std::uint64_t expected = 0, arrived = 0, duplicates = 0;
    result_rate_hour largest;

    double ratio() const { return expected == 0 ? 1 : static_cast<double>(arrived) / static_cast<double>(expected); }
    bool mostly(std::size_t of, result_rate_limits const& limits) const
    {
        return hours >= hours_to_judge && static_cast<double>(of) >= limits.share_of_hours * static_cast<double>(hours);
    }
};

void add_hour(seen_in_window& into, result_rate_hour const& hour, result_rate_limits const& limits)
{
    auto const ratio = static_cast<double>(hour.arrived) / hour.expected;
    ++into.hours;
    into.few += ratio < limits.warning_below ? 1 : 0;
    into.very_few += ratio < limits.grave_below ? 1 : 0;
    into.many += ratio > limits.warning_above ? 1 : 0;
    into.very_many += ratio > limits.grave_above ? 1 : 0;
    into.again += hour.duplicates > limits.grave_duplicates * hour.arrived ? 1 : 0;
    into.expected += hour.expected;
    into.arrived += hour.arrived;
    into.duplicates += hour.duplicates;
    if (hour.usual_octets <= 0 || hour.octets <= limits.grave_octets * hour.usual_octets) return;
    ++into.large;
    into.largest = hour;
}

finding few(seen_in_window const& seen, severity level, double limit)
{
    return {rule::result_rate,
            level,
            {seen.ratio(), std::to_string(seen.arrived) + " results arrived in " + std::to_string(seen.hours) +
                               " h in session, " + percent(seen.ratio()) + " of its schedule"},
            {limit, "its schedule: " + std::to_string(seen.expected) + " runs"},
            "hours with the results that its schedule asks for"};
}

finding many(seen_in_window const& seen, severity level, double limit)
{
    return {rule::result_rate,
            level,
            {seen.ratio(), std::to_string(seen.arrived) + " results arrived, " + percent(seen.ratio()) +
                               " of its schedule; too many in " + std::to_string(seen.many) + " h"},
            {limit, "its schedule: " + std::to_string(seen.expected) + " runs"},
            "24 h with no more results than its schedule asks for"};
}

finding again(seen_in_window const& seen, result_rate_limits const& limits)
{
    return {rule::result_rate,
            severity::grave,
            {static_cast<double>(seen.duplicates), std::to_string(seen.duplicates) + " results were sent again, in " +
                                                       std::to_string(seen.again) + " different hours, beside " +
                                                       std::to_string(seen.arrived) + " new ones"},
            {limits.grave_duplicates, "a result is sent again only when its acknowledgement was lost"},
            "24 h in which results come once"};
}

finding large(seen_in_window const& seen, result_rate_limits const& limits)
{
    return {rule::result_rate,
            severity::grave,
            {seen.largest.octets, "a result had " + decimal(seen.largest.octets, 0) + " octets, in " +
                                      std::to_string(seen.large) + " different hours"},
            {limits.grave_octets * seen.largest.usual_octets,
             "with half of the probes it has at most " + decimal(seen.largest.usual_octets, 0)},
            "24 h with results of the usual size"};
}

}  // namespace

result_rate_hour result_rate_of(probe_hour const& seen, survey const& others, result_rate_limits const& limits)
{
    result_rate_hour out;
    auto const& from = seen.deliveries;
    out.counts = seen.connected >= limits.connected && from.expected >= limits.least_expected;
    out.expected = from.expected;
    out.arrived = from.arrived;
    out.duplicates = from.duplicates;
    if (from.arrived == 0) return out;
    out.octets = static_cast<double>(from.octets) / from.arrived;
    if (auto const usual = others.octets_per_result()) out.usual_octets = usual->value;
    return out;
}

verdict examine_result_rate(window_view window, result_rate_limits const& limits)
{
    seen_in_window seen;
    for (auto const& each : window) {
        if (each.result_rate.counts) add_hour(seen, each.result_rate, limits);
    }
    if (seen.very_many >= limits.hours_above) return verdict::of(many(seen, severity::grave, limits.grave_above));
    if (seen.again >= limits.hours_above) return verdict::of(again(seen, limits));
    if (seen.large >= limits.hours_above) return verdict::of(large(seen, limits));
    if (seen.mostly(seen.very_few, limits)) return verdict::of(few(seen, severity::grave, limits.grave_below));
    if (seen.many >= limits.hours_above) return verdict::of(many(seen, severity::warning, limits.warning_above));
    if (seen.mostly(seen.few, limits)) return verdict::of(few(seen, severity::warning, limits.warning_below));
    return seen.hours < hours_to_judge ? verdict::none() : verdict::clean();
}

}  // namespace tp::registry::detect
