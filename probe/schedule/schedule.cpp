#include "probe/schedule/schedule.hpp"

#include <algorithm>

#include "probe/schedule/timetable.hpp"

namespace tp::probe {

using std::chrono::nanoseconds;

void schedule::set_probe(probe_id probe, clocks now)
{
    if (probe_ == probe) return;
    probe_ = probe;
    plan_all(now);
}

std::size_t schedule::replace(std::vector<proto::job> jobs, clocks now)
{
    std::set<measurement_id> named;
    for (auto const& job : jobs) named.insert(job.measurement);
    std::vector<measurement_id> removed;
    for (auto const& [measurement, one] : entries_) {
        if (!named.contains(measurement)) removed.push_back(measurement);
    }
    return change(std::move(jobs), removed, now);
}

std::size_t schedule::change(std::vector<proto::job> changed, std::vector<measurement_id> const& removed, clocks now)
{
    for (auto const measurement : removed) forget(measurement);
    std::size_t left_out = 0;
    for (auto& job : changed) left_out += put(std::move(job), now) ? 0 : 1;
    return left_out;
}

void schedule::clear()
{
    entries_.clear();
    queue_.clear();
}

bool schedule::put(proto::job job, clocks now)
{
    auto const measurement = job.measurement;
    auto found = entries_.find(measurement);
    if (found != entries_.end() && found->second.job == job) return true;
    if (found == entries_.end() && entries_.size() >= most_jobs) return false;
    if (found != entries_.end()) forget(measurement);
    found = entries_.emplace(measurement, entry{std::move(job), {}}).first;
    plan(found->second, now.wall);
    return true;
}

void schedule::forget(measurement_id measurement)
{
    auto const found = entries_.find(measurement);
    if (found == entries_.end()) return;
    unplan(found->second);
    entries_.erase(found);
}

void schedule::unplan(entry& one)
{
    if (one.next) queue_.erase({*one.next, one.job.measurement});
    one.next.reset();
}

void schedule::plan(entry& one, wall_time not_before)
{
    unplan(one);
    if (!probe_) return;
    auto const& when = one.job.when;
    if (when.interval) {
        one.next = next_periodic(when, phase_of(*probe_, one.job.measurement, when), not_before);
    } else if (!done_.has(one.job.measurement)) {
        one.next = next_one_off(when, not_before);
    }
    if (one.next) queue_.emplace(*one.next, one.job.measurement);
}

void schedule::plan_all(clocks now)
{
    for (auto& [measurement, one] : entries_) plan(one, now.wall);
}

std::optional<nanoseconds> schedule::look(clocks now)
{
    auto const before = std::exchange(last_look_, now);
    if (!before) return std::nullopt;
    auto const moved = (now.wall - before->wall) - (now.steady - before->steady);
    if (moved <= jump && moved >= -jump) return std::nullopt;
    plan_all(now);
    return moved;
}

std::vector<due_run> schedule::take_due(clocks now)
{
    std::vector<due_run> due;
    while (!queue_.empty() && queue_.begin()->first <= now.wall) {
        auto& one = entries_.at(queue_.begin()->second);
        bool const periodic = one.job.when.interval.has_value();
        bool const missed = periodic && now.wall - *one.next > latest_start;
        bool const over = one.job.when.stop && now.wall >= *one.job.when.stop;
        if (!periodic && !over) {
            done_.add(one.job.measurement);
            done_changed_ = true;
        }
        if (!missed && !over) due.push_back({one.job, *one.next});
        if (over)
            unplan(one);
        else
            plan(one, now.wall + nanoseconds{1});
    }
    return due;
}

std::optional<nanoseconds> schedule::until_next(clocks now) const
{
    if (queue_.empty()) return std::nullopt;
    return std::max(queue_.begin()->first - now.wall, nanoseconds{0});
}

std::vector<proto::job> schedule::jobs() const
{
    std::vector<proto::job> out;
    out.reserve(entries_.size());
    for (auto const& [measurement, one] : entries_) out.push_back(one.job);
    return out;
}

}  // namespace tp::probe
