#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "registry/rollout/drift.hpp"
#include "registry/rollout/member.hpp"
#include "store/observations.hpp"

namespace tp::registry {

/// What one probe delivered in one round.
struct delivered {
    std::uint32_t due = 0, came = 0;
    std::map<measurement_id, double> trips;  // the least round trip to each anchor, milliseconds
};
using delivered_by = std::unordered_map<probe_id, delivered>;

/// What all probes measured in the newest rounds: enough to hold what they did before an update against what they do
/// after it.
class measures {
public:
    static constexpr std::size_t most_rounds = 26;    // an update's soak, and a little before it
    static constexpr std::size_t most_targets = 100;  // measurements that are read ping by ping

    measures(store::database& database, std::chrono::seconds round) : database_(database), round_(round) {}

    /// Reads the rounds before `begun`, if none were read yet, and those that have ended since it read last; the newest
    /// at least. Errors: as database.
    boost::asio::awaitable<result<void>> read(wall_time now, wall_time begun);

    /// What members of a rollout measured before its beginning and since each was updated.
    std::vector<rollout::measured> compare(std::vector<rollout::member> const& members, wall_time begun) const;

private:
    struct round_seen {
        store::time_span span;
        delivered_by probes;
    };
    boost::asio::awaitable<result<void>> read_next(std::int64_t round);
    boost::asio::awaitable<result<delivered_by>> read_round(store::time_span span);
    boost::asio::awaitable<result<void>> read_pings(store::time_span span, std::vector<proto::job> const& jobs,
                                                    delivered_by& into);

    store::database& database_;
    std::chrono::seconds round_;
    std::deque<round_seen> rounds_;  // the oldest first
};

/// The sum of what a probe did in some rounds, and what that says. Pure; for tests, too.
struct stretch {
    std::uint32_t due = 0, came = 0;
    std::map<measurement_id, double> trips;  // the least
    void add(delivered const& one);
    double rate() const noexcept { return due == 0 ? 0 : static_cast<double>(came) / due; }
};
/// None if there is too little to compare.
std::optional<rollout::measured> compared(stretch const& before, stretch const& after, bool updated);

}  // namespace tp::registry
