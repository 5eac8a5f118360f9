#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "base/time.hpp"

namespace tp::cli {

/// Decides which programs are to be started, asked to end, or killed, and when. It touches no process: whoever drives
/// it carries out the orders and tells what happened.
/// Programs start in the order of their stages, as these are opened, and come back with back-off when they end by
/// themselves. After stop() they end stage by stage, the highest first, each with a limit.
class supervisor {
public:
    static constexpr std::chrono::milliseconds first_pause{500}, longest_pause{30'000};  // before a restart
    static constexpr std::chrono::seconds healthy_after{30};  // a program that ran so long starts anew without delay
    static constexpr std::chrono::seconds kill_again{5};      // after which one that survived is killed once more

    struct program {
        unsigned stage = 0;
        std::chrono::seconds stop_limit{10};  // to end after being asked
    };
    enum class verb { start, ask, kill };
    struct order {
        verb what{};
        std::size_t program = 0;  // index
        bool operator==(order const&) const = default;
    };

    supervisor(std::vector<program> const& programs, std::uint64_t seed);

    /// Lets the programs of this stage and below start.
    void open(unsigned stage);
    /// A program has ended, or could not be started.
    void ended(std::size_t index, steady_time now);
    void stop();

    /// What to do now; each order is given once.
    std::vector<order> due(steady_time now);
    /// When due() may have something to say although nothing happens; none: never.
    std::optional<steady_time> next() const;

    bool stopping() const noexcept { return stopping_; }
    /// After stop(): nothing runs any more.
    bool finished() const;

private:
    enum class state { closed, waiting, running, asked, down };
    struct entry {
        program rules;
        backoff pause;
        state now = state::closed;
        steady_time at{};  // waiting: when to start; running: since when; asked: when to kill
    };
    std::optional<unsigned> stage_that_ends() const;

    std::vector<entry> entries_;
    bool stopping_ = false;
};

}  // namespace tp::cli
