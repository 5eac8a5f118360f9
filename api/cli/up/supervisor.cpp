#include "api/cli/up/supervisor.hpp"

#include <algorithm>

namespace tp::cli {

supervisor::supervisor(std::vector<program> const& programs, std::uint64_t seed)
{
    for (auto const& each : programs) entries_.push_back({each, backoff(first_pause, longest_pause, seed++)});
}

void supervisor::open(unsigned stage)
{
    for (auto& each : entries_) {
        if (each.now == state::closed && each.rules.stage <= stage && !stopping_) each.now = state::waiting;
    }
}

void supervisor::ended(std::size_t index, steady_time now)
{
    auto& each = entries_.at(index);
    if (stopping_) {
        each.now = state::down;
        return;
    }
    if (each.now == state::running && now - each.at >= healthy_after) each.pause.reset();
    each.now = state::waiting;
    each.at = now + each.pause.next();
}

void supervisor::stop()
{
    stopping_ = true;
    for (auto& each : entries_) {
        if (each.now == state::closed || each.now == state::waiting) each.now = state::down;
    }
}

std::optional<unsigned> supervisor::stage_that_ends() const
{
    std::optional<unsigned> highest;
    for (auto const& each : entries_) {
        if (each.now != state::down) highest = std::max(highest.value_or(0), each.rules.stage);
    }
    return highest;
}

std::vector<supervisor::order> supervisor::due(steady_time now)
{
    std::vector<order> out;
    auto const ending = stopping_ ? stage_that_ends() : std::nullopt;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        auto& each = entries_[i];
        if (each.now == state::waiting && each.at <= now) {
            each.now = state::running;
            each.at = now;
            out.push_back({verb::start, i});
        } else if (each.now == state::running && ending == each.rules.stage) {
            each.now = state::asked;
            each.at = now + each.rules.stop_limit;
            out.push_back({verb::ask, i});
        } else if (each.now == state::asked && each.at <= now) {
            each.at = now + kill_again;
            out.push_back({verb::kill, i});
        }
    }
    return out;
}

std::optional<steady_time> supervisor::next() const
{
    std::optional<steady_time> out;
    for (auto const& each : entries_) {
        if (each.now != state::waiting && each.now != state::asked) continue;
        out = std::min(out.value_or(each.at), each.at);
    }
    return out;
}

bool supervisor::finished() const
{
    return stopping_ && !stage_that_ends();
}

}  // namespace tp::cli
