#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/time.hpp"

namespace tp::probe {

/// Which of an engine's runs is to be looked at when: one timer serves them all.
class agenda {
public:
    using run_number = std::uint64_t;

    /// Looks at this run at that moment, instead of when it was planned before. True if it is now the first of all, so
    /// that a timer has to be set anew.
    bool plan(run_number run, steady_time when);
    /// The same, unless it is planned for an earlier moment already.
    bool plan_by(run_number run, steady_time when);
    void forget(run_number run);

    /// The first one due, taken off the agenda.
    std::optional<run_number> take_due(steady_time now);
    /// When the first one is due; steady_time::max() if there is none.
    steady_time next() const noexcept { return queue_.empty() ? steady_time::max() : queue_.begin()->first; }

private:
    std::set<std::pair<steady_time, run_number>> queue_;
    std::unordered_map<run_number, steady_time> planned_;
};

}  // namespace tp::probe
