#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "registry/detect/finding.hpp"
#include "registry/detect/survey.hpp"
#include "registry/detect/window_view.hpp"

/// Disagreement with the most successful peers on the same targets, in buckets of an hour, for each family alone. After
/// RIPE's rule for its stability tags: a target that even the best cannot reach blames nobody; a bucket is judged by
/// the worst targets in it. Nobody is blamed either for what its whole network has, for a line that loses the packets
/// of its own session as well, or for a family that does not work at all: that is an outage, and a tag. Source: "New
/// RIPE Atlas probe stability system tags", RIPE Labs.
namespace tp::registry::detect {

struct peers_limits {
    std::uint32_t least_packets = 9;  // sent to a target in the hour
    double reachable = 0.95;          // what the best quarter of the peers must have for a target to count
    std::size_t least_targets = 3;    // that count, in a bucket,
    double worst_share = 1.0 / 3;     // of which so many, and at least two, are its worst targets
    double unstable = 0.05;           // behind the best on each of them: an unstable bucket,
    double behind = 0.20;             // a bad one
    double line_excuse = 0.33;        // of the shortfall: so much loss in its own session explains it
    double network_excuse = 0.5;      // of the other probes of its AS, or its country,
    std::uint32_t least_mates = 1, least_countrymen = 4;  // have a bad bucket, too
    double note_share = 0.05;                             // unstable buckets of a window: as RIPE's tag
    double warning_share = 0.25, grave_share = 0.6;       // bad ones
};

enum class bucket_state : std::uint8_t { no_data, well, unstable, bad, dead };
enum class excuse : std::uint8_t { none, line, network };

struct peers_bucket {
    bucket_state is = bucket_state::no_data;
    excuse excused_by = excuse::none;
    bool session_unknown = false;    // nobody counted what its session lost: no reason to isolate
    std::uint8_t worst = 0, of = 0;  // targets
    std::int32_t measurement = 0;    // the best of its worst targets,
    float own = 0, best = 0;         // and the shares of answered packets there
    std::uint32_t peers = 0;
};

struct peers_hour {
    std::array<peers_bucket, family_count> by_family;
};

peers_hour peers_of(profile const& who, probe_hour const& seen, target_list const& targets, survey const& others,
                    peers_limits const& limits);
verdict examine_peers(window_view window, peers_limits const& limits);

/// How the buckets of one hour went in each AS and each country: add those of all active probes, then excuse each.
class network_tally {
public:
    void add(probe_hour const& seen, peers_hour const& judged);
    /// @param counted  whether `judged` was added itself.
    void excuse(probe_hour const& seen, peers_hour& judged, bool counted, peers_limits const& limits) const;

private:
    std::array<std::map<as_number, tally>, family_count> by_as_;
    std::array<std::map<country_code, tally>, family_count> by_country_;
};

}  // namespace tp::registry::detect
