#include "probe/measure/agenda.hpp"

namespace tp::probe {

bool agenda::plan(run_number run, steady_time when)
{
    forget(run);
    planned_.emplace(run, when);
    auto const place = queue_.emplace(when, run).first;
    return place == queue_.begin();
}

bool agenda::plan_by(run_number run, steady_time when)
{
    auto const found = planned_.find(run);
    if (found != planned_.end() && found->second <= when) return false;
    return plan(run, when);
}

void agenda::forget(run_number run)
{
    auto const found = planned_.find(run);
    if (found == planned_.end()) return;
    queue_.erase({found->second, run});
    planned_.erase(found);
}

std::optional<agenda::run_number> agenda::take_due(steady_time now)
{
    if (queue_.empty() || next() > now) return std::nullopt;
    auto const run = queue_.begin()->second;
    forget(run);
    return run;
}

}  // namespace tp::probe
