#include "registry/detect/peers.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "registry/detect/hour_facts.hpp"

namespace tp::registry::detect {
namespace {

struct comparison {
    target_hour const* own;
    survey::level best;
    double shortfall() const { return best.value - own->packets.share(); }
};

std::vector<comparison> compare(family of, profile const& who, probe_hour const& seen, target_list const& targets,
                                survey const& others, peers_limits const& limits)
{
    auto const around = who.claimed ? cell_of(*who.claimed) : cell::everywhere;
    std::vector<comparison> out;
    for (auto const& each : seen.targets) {
        auto const* const target = targets.find(each.measurement);
        if (target == nullptr || target->family != of || each.packets.of < limits.least_packets) continue;
        auto const best = others.best_success(each.measurement, around);
        if (best && best->value >= limits.reachable) out.push_back({&each, *best});
    }
    return out;
}

bucket_state state_of(double shortfall, peers_limits const& limits)
{
    if (shortfall >= limits.behind) return bucket_state::bad;
    return shortfall >= limits.unstable ? bucket_state::unstable : bucket_state::well;
}

peers_bucket judge(std::vector<comparison> compared, peers_limits const& limits)
{
    peers_bucket out;
    if (compared.size() < limits.least_targets) return out;
    auto const share = static_cast<std::size_t>(std::ceil(limits.worst_share * static_cast<double>(compared.size())));
    auto const worst = std::max<std::size_t>(share, 2);
    auto const best_of_worst = compared.begin() + static_cast<std::ptrdiff_t>(worst - 1);
    std::nth_element(compared.begin(), best_of_worst, compared.end(),
                     [](auto const& a, auto const& b) { return a.shortfall() > b.shortfall(); });
    auto const none = [](auto const& each) { return each.own->packets.hits == 0; };
    out.is = std::all_of(compared.begin(), compared.end(), none) ? bucket_state::dead
                                                                 : state_of(best_of_worst->shortfall(), limits);
    out.worst = static_cast<std::uint8_t>(worst);
    out.of = static_cast<std::uint8_t>(compared.size());
    out.measurement = best_of_worst->own->measurement.value();
    out.own = static_cast<float>(best_of_worst->own->packets.share());
    out.best = static_cast<float>(best_of_worst->best.value);
    out.peers = best_of_worst->best.peers;
    return out;
}

/// What the probe's own session tells about its line.
void ask_the_session(peers_hour& judged, probe_hour const& seen, peers_limits const& limits)
{
    auto& same = judged.by_family[static_cast<std::size_t>(seen.tunnel_family)];
    same.session_unknown = !seen.tunnel;
    auto const shortfall = static_cast<double>(same.best - same.own);
    if (seen.tunnel && same.is == bucket_state::bad && seen.tunnel->share() >= limits.line_excuse * shortfall) {
        same.excused_by = excuse::line;
    }
    auto const& v4 = judged.by_family[static_cast<std::size_t>(family::v4)];
    auto& v6 = judged.by_family[static_cast<std::size_t>(family::v6)];
    auto const shared = v4.is == bucket_state::dead || v4.best - v4.own >= limits.line_excuse * (v6.best - v6.own);
    if (seen.tunnel_family == family::v4 && v6.is == bucket_state::bad && shared) v6.excused_by = excuse::line;
}

struct seen_in_window {
    std::size_t buckets = 0, unstable = 0, bad = 0;
    bool session_unknown = false;
    peers_bucket last;  // a bad one, else an unstable one

    double share(std::size_t of) const { return static_cast<double>(of) / static_cast<double>(buckets); }
};

seen_in_window add_up(window_view window, family of)
{
    seen_in_window out;
    for (auto const& each : window) {
        auto const& bucket = each.peers.by_family[static_cast<std::size_t>(of)];
        auto const counts = bucket.is != bucket_state::no_data && bucket.is != bucket_state::dead;
        if (!counts || bucket.excused_by != excuse::none) continue;
        ++out.buckets;
        if (bucket.is == bucket_state::well) continue;
        ++out.unstable;
        out.session_unknown = out.session_unknown || bucket.session_unknown;
        if (bucket.is == bucket_state::bad) ++out.bad;
        if (bucket.is == bucket_state::bad || out.bad == 0) out.last = bucket;
    }
    return out;
}

std::string sentence(family of, seen_in_window const& seen)
{
    auto const& last = seen.last;
    return std::string(of == family::v4 ? "IPv4: " : "IPv6: ") + std::to_string(seen.bad) + " of " +
           std::to_string(seen.buckets) + " h were bad and " + std::to_string(seen.unstable - seen.bad) +
           " unstable; in the last one " + std::to_string(last.worst) + " of " + std::to_string(last.of) +
           " targets were behind, measurement " + std::to_string(last.measurement) + " with " +
           percent(static_cast<double>(last.own)) + " of the packets answered";
}

verdict examine(family of, window_view window, peers_limits const& limits)
{
    auto const seen = add_up(window, of);
    if (seen.buckets < hours_to_judge) return verdict::none();
    if (seen.share(seen.unstable) <= limits.note_share) return verdict::clean();
    auto level = seen.share(seen.bad) >= limits.warning_share ? severity::warning : severity::note;
    if (seen.share(seen.bad) >= limits.grave_share && !seen.session_unknown) level = severity::grave;
    return verdict::of(
        {rule::peers,
         level,
         {static_cast<double>(seen.last.own), sentence(of, seen)},
         {static_cast<double>(seen.last.best), "the best quarter of " + std::to_string(seen.last.peers) +
                                                   " probes had " + percent(static_cast<double>(seen.last.best)) +
                                                   "; its own session lost little, and its network is well"},
         "buckets that agree with the best peers"});
}

bool explained(tally all, bool counted, std::uint32_t least, double share)
{
    if (counted) {
        all.of -= 1;
        all.hits -= 1;
    }
    return all.of >= least && all.share() >= share;
}

}  // namespace

peers_hour peers_of(profile const& who, probe_hour const& seen, target_list const& targets, survey const& others,
                    peers_limits const& limits)
{
    peers_hour out;
    for (auto const of : {family::v4, family::v6}) {
        auto& bucket = out.by_family[static_cast<std::size_t>(of)];
        bucket = judge(compare(of, who, seen, targets, others, limits), limits);
    }
    ask_the_session(out, seen, limits);
    return out;
}

verdict examine_peers(window_view window, peers_limits const& limits)
{
    auto v4 = examine(family::v4, window, limits);
    auto v6 = examine(family::v6, window, limits);
    if (v4.is == outcome::no_data) return v6;
    if (v6.what && (!v4.what || v6.what->level > v4.what->level)) return v6;
    return v4;
}

void network_tally::add(probe_hour const& seen, peers_hour const& judged)
{
    for (std::size_t i = 0; i < family_count; ++i) {
        auto const& bucket = judged.by_family[i];
        // A family that is dead is another trouble, and explains nobody's loss.
        if (bucket.is == bucket_state::no_data || bucket.is == bucket_state::dead) continue;
        auto const bad = bucket.is == bucket_state::bad;
        if (seen.as != as_number::unknown) by_as_[i][seen.as].count(bad);
        if (seen.country.known()) by_country_[i][seen.country].count(bad);
    }
}

void network_tally::excuse(probe_hour const& seen, peers_hour& judged, bool counted, peers_limits const& limits) const
{
    for (std::size_t i = 0; i < family_count; ++i) {
        auto& bucket = judged.by_family[i];
        if (bucket.is != bucket_state::bad) continue;
        auto const as = by_as_[i].find(seen.as);
        auto const country = by_country_[i].find(seen.country);
        auto const mates =
            as != by_as_[i].end() && explained(as->second, counted, limits.least_mates, limits.network_excuse);
        auto const land = country != by_country_[i].end() &&
                          explained(country->second, counted, limits.least_countrymen, limits.network_excuse);
        if (mates || land) bucket.excused_by = excuse::network;
    }
}

}  // namespace tp::registry::detect
