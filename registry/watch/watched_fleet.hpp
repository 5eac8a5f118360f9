#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "registry/detect/inspect.hpp"
#include "registry/watch/gather.hpp"
#include "store/watching.hpp"

namespace tp::registry {

/// The probes as the detectors know them, from round to round. Pure.
class watched_fleet {
public:
    /// Takes over how the probes stand now. Another state than that in which a probe was left is a person's word: a
    /// probe that was made active begins anew, and what was seen of it before does not count any more.
    void renew(std::vector<store::watched_probe> now);
    void clear() noexcept;

    std::span<detect::subject> subjects() noexcept { return subjects_; }
    /// In the same order.
    std::vector<store::watched_probe> const& stored() const noexcept { return stored_; }

    /// What was seen of each subject, in the same order; null: it was not in session, or the hour began before it was
    /// made active. Hours in which a state changed say nothing about schedules.
    std::vector<detect::probe_hour const*> choose(probe_hours& seen, store::time_span span) const;

    /// A probe's state is this one now.
    void settle(std::size_t subject, store::trust_state state);
    /// Of rounds that are only looked at again nothing but the windows and the row of troubles stays.
    void forget_proposals();

    /// What differs from what is stored.
    std::vector<store::remembered_probe> to_remember() const;

private:
    std::vector<detect::subject> subjects_;
    std::vector<store::watched_probe> stored_;
};

}  // namespace tp::registry
