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

/// What all probes delivered in a round.
struct round_seen {
    store::time_span span;
    delivered_by probes;
};

/// The rounds that were read, the oldest first. Pure.
class rounds_seen {
public:
    static constexpr std::size_t most = 26;           // an update's soak, and a little before it
    static constexpr std::ptrdiff_t most_before = 2;  // the first ones: what the newest are held against

    /// The next one. When there are too many, the oldest but for the first ones goes.
    void add(round_seen next);

    bool empty() const noexcept { return rounds_.empty(); }
    store::time_span last() const { return rounds_.back().span; }  // @pre it is not empty

    /// What members of a rollout measured before its beginning and since each was updated.
    std::vector<rollout::measured> compare(std::vector<rollout::member> const& members, wall_time begun) const;

private:
    std::deque<round_seen> rounds_;
};

inline constexpr std::size_t most_compared_targets = 100;
/// The measurements that are read ping by ping: the first so many of those that ping an anchor whose place is known.
/// Pure.
std::vector<measurement_id> compared_targets(std::vector<proto::job> const& jobs,
                                             std::vector<store::anchor_site> const& anchors);

/// What all probes measured in the newest rounds: enough to hold what they did before an update against what they do
/// after it.
class measures {
public:
    measures(store::database& database, std::chrono::seconds round) : database_(database), round_(round) {}

    /// Reads the rounds before `begun`, if none were read yet, and those that have ended since it read last; the newest
    /// at least. Errors: as database.
    boost::asio::awaitable<result<void>> read(wall_time now, wall_time begun);

    /// As rounds_seen::compare.
    std::vector<rollout::measured> compare(std::vector<rollout::member> const& members, wall_time begun) const
    {
        return rounds_.compare(members, begun);
    }

private:
    boost::asio::awaitable<result<void>> read_next(std::int64_t round);
    boost::asio::awaitable<result<delivered_by>> read_round(store::time_span span);
    boost::asio::awaitable<result<void>> read_pings(store::time_span span, std::vector<proto::job> const& jobs,
                                                    delivered_by& into);

    store::database& database_;
    std::chrono::seconds round_;
    rounds_seen rounds_;
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
