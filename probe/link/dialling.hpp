#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "base/backoff.hpp"
#include "base/time.hpp"
#include "proto/messages.hpp"

namespace tp::probe {

/// An assignment, and when the registry gave it.
struct kept_assignment {
    proto::assignment value;
    wall_time obtained;
};

/// Whom to talk to next: registry first, then the controllers that it named. Pure; it is told what became of each step.
///
/// - A session that held and broke: the next controller, at once.
/// - All controllers failed in a row: the registry again, after a pause that grows. The registries do not answer
///   either: back to the controllers while the lease holds.
/// - "Wait": that long and up to a quarter longer, then a registry again, but of controllers the next: a full one
/// counts
///   as failed.
class dialling {
public:
    struct options {
        std::size_t first_registry = 0;  // each probe begins with another, so that they share the work
        std::chrono::milliseconds first_pause{1'000}, longest_pause{300'000};
        std::chrono::seconds well_after{10};       // a session that held this long was a good one
        std::chrono::seconds replaced_pause{600};  // somebody else uses our key: do not fight over the session
    };
    enum class action { ask_registry, dial_controller, pause };
    struct step {
        action is{};
        std::size_t index = 0;               // of the registry or controller
        std::chrono::milliseconds length{};  // of the pause
    };

    /// @pre registries > 0
    dialling(std::size_t registries, options with, std::uint64_t seed);

    /// A pause is told once; the other steps until it is said what became of them.
    step next(wall_time now);

    /// There are more or fewer registries from now on. @pre registries > 0
    void set_registries(std::size_t registries) noexcept { registries_ = registries; }
    /// From the last run of this program.
    void restore(kept_assignment kept) { kept_ = std::move(kept); }

    // What the registry said.
    void assigned(proto::assignment value, wall_time now);
    void registry_said_wait(proto::wait const& said);
    void registry_refused(proto::refuse const& said);
    void registry_failed();

    // What became of the session with the controller of next().
    void session_lost(std::chrono::nanoseconds lasted);
    void dial_failed();
    void controller_said_wait(proto::wait const& said);
    void controller_refused(proto::refuse const& said);

    /// A new assignment while a session is up. True: that session may stay. False: end it, and call next().
    bool refreshed(proto::assignment value, wall_time now);
    /// When to ask the registry again although all is well.
    std::optional<wall_time> refresh_at() const;

    std::optional<kept_assignment> const& assignment() const noexcept { return kept_; }

private:
    bool lease_holds(wall_time now) const;
    std::chrono::milliseconds jittered(std::chrono::seconds length);
    void next_controller();

    std::size_t registries_;
    options options_;
    backoff pause_lengths_;
    std::mt19937_64 random_;
    std::optional<kept_assignment> kept_;
    std::optional<std::chrono::milliseconds> pause_;
    bool ask_first_ = false;  // the registry has to be asked although the lease holds
    std::size_t registry_ = 0, registries_failed_ = 0;
    std::size_t controller_ = 0, controllers_failed_ = 0;
};

}  // namespace tp::probe
