#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "probe/schedule/done_list.hpp"
#include "proto/job.hpp"

namespace tp::probe {

/// Both clocks at one moment.
struct clocks {
    wall_time wall;
    steady_time steady;
    static clocks now() { return {wall_now(), std::chrono::steady_clock::now()}; }
};

/// A run whose time has come.
struct due_run {
    proto::job job;
    wall_time planned;
};

/// Which job runs when. Times of jobs are wall-clock times; waiting is by the steady clock. Reads no clock itself.
class schedule {
public:
    static constexpr std::chrono::seconds jump{2};          // wall and steady clock differ by more: the clock was set
    static constexpr std::chrono::seconds latest_start{2};  // a periodic run that is later is skipped, not caught up
    static constexpr std::size_t most_jobs = 4096;

    explicit schedule(done_list done = {}) : done_(std::move(done)) {}

    /// Phases depend on the probe's number. Jobs are planned anew.
    void set_probe(probe_id probe, clocks now);

    /// The whole list: what is not in it is forgotten. What did not change keeps its plan. The answer is as for
    /// change().
    std::size_t replace(std::vector<proto::job> jobs, clocks now);
    /// Jobs to add or replace, and jobs to forget. Jobs beyond most_jobs are left out; the answer is how many.
    std::size_t change(std::vector<proto::job> changed, std::vector<measurement_id> const& removed, clocks now);
    void clear();

    /// Compares the clocks with the last look. After a jump (by more than `jump`; also a suspended machine) everything
    /// is planned anew, and the answer is how far the wall clock moved.
    std::optional<std::chrono::nanoseconds> look(clocks now);

    /// The jobs to run now, each planned for its next time. One-offs among them are done from here on: persist done()
    /// before running them.
    std::vector<due_run> take_due(clocks now);
    /// How long until something may be due. Nothing: no job has a next time.
    std::optional<std::chrono::nanoseconds> until_next(clocks now) const;

    /// One-offs begun, and whether that list changed since the last call.
    done_list const& done() const noexcept { return done_; }
    bool take_done_changed() noexcept { return std::exchange(done_changed_, false); }

    std::size_t size() const noexcept { return entries_.size(); }
    std::vector<proto::job> jobs() const;

private:
    struct entry {
        proto::job job;
        std::optional<wall_time> next;
    };
    void plan(entry& one, wall_time not_before);
    void unplan(entry& one);
    void forget(measurement_id measurement);
    bool put(proto::job job, clocks now);
    void plan_all(clocks now);

    std::optional<probe_id> probe_;
    std::map<measurement_id, entry> entries_;
    std::set<std::pair<wall_time, measurement_id>> queue_;
    done_list done_;
    bool done_changed_ = false;
    std::optional<clocks> last_look_;
};

}  // namespace tp::probe
