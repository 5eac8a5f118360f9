#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "api/cli/remote.hpp"

namespace tp::cli {

struct watch_plan {
    static constexpr std::chrono::seconds usual_patience{60};
    static constexpr std::chrono::seconds late{5};  // what was measured last may still be on its way

    std::int64_t measurement = 0;
    bool as_json = false;
    bool one_off = true;
    std::chrono::seconds patience = usual_patience;  // after the time when the last result is due
    std::optional<std::chrono::seconds> runs_for;    // a periodic measurement; none: until the user interrupts
};

/// What is known of a measurement that is being watched.
struct watch_state {
    std::size_t answered = 0, expected = 0;  // probes; 0 expected: not known yet
    bool over = false;                       // the API says that it has ended, ...
    std::chrono::seconds over_for{};         // for so long
    std::chrono::seconds elapsed{};
};

/// Whether all is in, or nothing more is to be waited for.
bool watch_ends(watch_plan const& plan, watch_state const& state) noexcept;

/// Asks for results again and again and prints each as it comes, progress on standard error if that is a terminal, and
/// a table at the end. Answers exit_ok if any result came.
int watch(remote& api, watch_plan const& plan);

}  // namespace tp::cli
