#include "registry/detect/place.hpp"

#include <algorithm>
#include <vector>

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {
namespace {

struct nearest {
    target_hour const* near = nullptr;
    target_hour const* far = nullptr;
};

void keep_sooner(target_hour const*& best, target_hour const& other)
{
    if (best == nullptr || other.least < best->least) best = &other;
}

nearest find_nearest(coordinates const& claimed, probe_hour const& seen, target_list const& targets,
                     survey const& others, place_limits const& limits)
{
    nearest out;
    for (auto const& each : seen.targets) {
        auto const* const target = targets.find(each.measurement);
        if (target == nullptr || !target->place || each.packets.hits == 0) continue;
        if (others.doubts_place(*target)) continue;
        auto const apart = claimed.distance_to(*target->place);
        if (apart <= limits.near) keep_sooner(out.near, each);
        if (apart >= limits.far) keep_sooner(out.far, each);
    }
    return out;
}

bool is_slower(millis own, millis usual, place_limits const& limits)
{
    return own > usual * static_cast<float>(limits.slower) + limits.slower_by;
}

void compare(place_hour& into, coordinates const& claimed, nearest const& found, survey const& others,
             place_limits const& limits)
{
    auto const usual = others.usual_round_trip(found.near->measurement, cell_of(claimed));
    into.compared = true;
    into.near = found.near->least;
    into.far = found.far->least;
    into.usual = millis(usual ? static_cast<float>(usual->value) : 0);
    into.near_measurement = found.near->measurement.value();
    into.far_measurement = found.far->measurement.value();
    auto const far_is_sooner =
        into.near > into.far + limits.nearer_by &&
        into.near.count() > into.far.count() * static_cast<float>(usual ? limits.nearer : limits.nearer_alone);
    into.elsewhere = far_is_sooner && (into.other_country || into.near > into.usual);
    into.slower = into.slower || (usual && is_slower(into.near, into.usual, limits));
}

bool mostly_slower(coordinates const& claimed, probe_hour const& seen, survey const& others, place_limits const& limits)
{
    tally slower;
    for (auto const& each : seen.targets) {
        auto const usual = others.usual_round_trip(each.measurement, cell_of(claimed));
        if (!usual || each.packets.hits == 0) continue;
        slower.count(is_slower(each.least, millis(static_cast<float>(usual->value)), limits));
    }
    return slower.of >= 2 && slower.share() >= limits.slower_share;
}

struct seen_in_window {
    std::size_t hours = 0, other_country = 0, other_as = 0, split = 0, compared = 0, elsewhere = 0, slower = 0,
                too_fast = 0;
    std::vector<country_code> countries;
    place_hour last, last_measured;
};

seen_in_window add_up(window_view window)
{
    seen_in_window out;
    for (auto const& each : window) {
        auto const& hour = each.place;
        ++out.hours;
        out.other_country += hour.other_country ? 1 : 0;
        out.other_as += hour.other_as ? 1 : 0;
        out.split += hour.split ? 1 : 0;
        out.compared += hour.compared ? 1 : 0;
        out.elsewhere += hour.elsewhere ? 1 : 0;
        out.slower += hour.slower ? 1 : 0;
        out.too_fast += hour.too_fast ? 1 : 0;
        if (hour.elsewhere || hour.slower) out.last_measured = hour;
        auto const& known = out.countries;
        if (hour.country.known() && std::find(known.begin(), known.end(), hour.country) == known.end()) {
            out.countries.push_back(hour.country);
        }
        out.last = hour;
    }
    return out;
}

class argument {
public:
    void hold(bool true_one, unsigned weight, std::string saw, std::string against)
    {
        if (!true_one || weight == 0) return;
        weight_ += weight;
        add(saw_, std::move(saw));
        add(against_, std::move(against));
    }
    unsigned weight() const noexcept { return weight_; }
    finding found(place_limits const& limits) const
    {
        auto const level = weight_ >= limits.grave     ? severity::grave
                           : weight_ >= limits.warning ? severity::warning
                                                       : severity::note;
        return {rule::place,
                level,
                {static_cast<double>(weight_), saw_},
                {static_cast<double>(limits.grave), against_},
                "24 h in which these agree: correct the probe's place, or measure without a detour"};
    }

private:
    static void add(std::string& to, std::string&& more) { to += (to.empty() ? "" : "; ") + more; }

    unsigned weight_ = 0;
    std::string saw_, against_;
};

bool mostly(std::size_t hours, std::size_t of, place_limits const& limits)
{
    return of >= hours_to_judge && static_cast<double>(hours) >= limits.share_of_hours * static_cast<double>(of);
}

argument weigh(seen_in_window const& seen, place_limits const& limits)
{
    argument out;
    auto const& last = seen.last;
    auto const& there = seen.last_measured;
    auto const elsewhere = mostly(seen.elsewhere, seen.compared, limits);
    if (elsewhere) {
        out.hold(true, limits.weight_measured,
                 "measurement " + std::to_string(there.near_measurement) + " to a near anchor took " +
                     in_text(there.near) + ", measurement " + std::to_string(there.far_measurement) +
                     " to a far one took " + in_text(there.far),
                 there.usual > millis(0) ? "nine of ten probes nearby reach the near one within " + in_text(there.usual)
                                         : "a near anchor is reached sooner than a far one");
    } else if (seen.too_fast >= limits.hours_too_fast) {
        out.hold(true, limits.weight_measured, "replies came too soon for its place", "the speed of light in glass");
    } else {
        out.hold(mostly(seen.slower, seen.hours, limits), limits.weight_slower,
                 "its round trips are long" + (there.near_measurement == 0
                                                   ? ""
                                                   : ": measurement " + std::to_string(there.near_measurement) +
                                                         " to a near anchor took " + in_text(there.near)),
                 "those of nine of ten probes nearby" +
                     (there.usual > millis(0) ? ": " + in_text(there.usual) : std::string()));
    }
    out.hold(mostly(seen.other_country, seen.hours, limits), limits.weight_country,
             "its address is in " + last.country.text(), "it is said to be in " + last.claimed_country.text());
    out.hold(mostly(seen.other_as, seen.hours, limits), limits.weight_as, "its address is in " + in_text(last.as),
             "its home is " + in_text(last.home_as));
    out.hold(mostly(seen.split, seen.hours, limits), limits.weight_split, "its traceroutes leave through another AS",
             "the AS of its session");
    out.hold(seen.countries.size() >= limits.many_countries, limits.weight_moving,
             "its address was in " + std::to_string(seen.countries.size()) + " countries within 24 h",
             "a probe stays where it is");
    return out;
}

}  // namespace

place_hour place_of(profile const& who, probe_hour const& seen, target_list const& targets, survey const& others,
                    place_limits const& limits)
{
    place_hour out;
    out.country = seen.country;
    out.claimed_country = who.country;
    out.as = seen.as;
    out.home_as = who.home_as;
    out.other_country =
        differ(seen.country, who.country) && !others.database_is_wrong(seen.as, who.country, seen.country);
    out.other_as = differ(seen.as, who.home_as) && !others.as_was_renumbered(who.home_as, seen.as);
    out.split = seen.measured_as && differ(*seen.measured_as, seen.as);
    if (!who.claimed) return out;
    for (auto const& each : seen.targets) {
        auto const* const target = targets.find(each.measurement);
        out.too_fast =
            out.too_fast || (target != nullptr && too_fast(who, *target, each) && !others.doubts_place(*target));
    }
    out.slower = mostly_slower(*who.claimed, seen, others, limits);
    auto const found = find_nearest(*who.claimed, seen, targets, others, limits);
    if (found.near != nullptr && found.far != nullptr) compare(out, *who.claimed, found, others, limits);
    return out;
}

verdict examine_place(window_view window, place_limits const& limits)
{
    auto const seen = add_up(window);
    auto const weighed = weigh(seen, limits);
    if (weighed.weight() > 0) return verdict::of(weighed.found(limits));
    return seen.hours < hours_to_judge ? verdict::none() : verdict::clean();
}

}  // namespace tp::registry::detect
