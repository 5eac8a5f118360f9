#pragma once

#include <optional>

#include "probe/firmware/starting.hpp"
#include "registry/rollout/member.hpp"
#include "tests/bench/fleet_simulation/random.hpp"

namespace tp::simulation {

namespace rollout = registry::rollout;
using std::chrono::seconds;

/// What a release does to a probe that it does not suit.
enum class flaw { none, ends, stays_mute };

/// One probe: its line, its slots by the probe's own rules (probe/firmware), and what it says. Times are the world's.
class updated_probe {
public:
    static constexpr std::uint64_t old_release = 1, new_release = 2;
    static constexpr unsigned most_tries = 3;
    static constexpr seconds trial_limit{std::chrono::minutes{30}};  // then the supervisor gives up
    static constexpr seconds commit_after{600};

    updated_probe(probe_id id, std::uint64_t seed, flaw suits);

    /// What the director wants: to install (again), or to halt.
    /// @param within  this time it begins, at a moment that nobody knows; none: at once.
    void instruct(std::string nonce, std::optional<seconds> within, wall_time now);
    void withdraw() noexcept;
    /// Lets it live until now. @param dark  its network is down.
    void live(wall_time now, bool dark);

    /// Writes down what the platform knows of it.
    void show(rollout::member& to) const;
    bool runs_old() const noexcept;
    bool is_broken() const noexcept { return suits_ != flaw::none; }

private:
    enum class doing { nothing, waiting, fetching, installing, trying, failed };

    void change_line(wall_time now);
    void go_on(wall_time now);
    void start(wall_time now);
    void say(wall_time now, unsigned state, unsigned result);
    bool here() const noexcept { return line_up_ && !dark_ && !away_; }

    random_stream random_;
    flaw suits_;
    firmware::slot_state slots_;
    doing now_ = doing::nothing;
    wall_time next_;       // of what it is doing
    wall_time line_next_;  // when its line changes
    wall_time trial_ends_;
    double mean_up_ = 0, mean_down_ = 0;  // seconds
    bool line_up_ = true, dark_ = false, away_ = false, unsaid_ = false, connected_ = true;
    std::string nonce_;
    rollout::member known_;  // as the platform knows it: connected, since when, and the last report
    rollout::report pending_;
};

}  // namespace tp::simulation
