#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "registry/rollout/judge.hpp"

namespace tp::registry::rollout {

enum class phase {
    draft,     // what it names has not been found in the signed repository
    waiting,   // for approval
    running,   // a wave
    soaking,   // the wave did well, and is watched before the next one
    paused,    // nobody else is told; who was told goes on
    halted,    // for good: instructions are taken back
    complete,  // probes that come later still get it
};
inline constexpr phase every_phase[] = {phase::draft,  phase::waiting, phase::running, phase::soaking,
                                        phase::paused, phase::halted,  phase::complete};
std::string_view name_of(phase now) noexcept;
std::optional<phase> phase_named(std::string_view name) noexcept;

/// What persons want of it.
enum class wish { go, pause, halt };

struct progress {
    phase now = phase::draft;
    std::uint32_t wave = 0;  // the one that runs or soaks
    wall_time since;         // of the phase
    wall_time wave_since;    // of the wave
    std::string because;     // why it is halted, paused, or a draft still
    bool operator==(progress const&) const = default;
};

/// All that the next step depends on.
struct situation {
    definition const& what;
    progress at;
    wish wanted = wish::go;
    std::string wished_because;
    bool found = false;                   // all its targets are in the signed repository
    unsigned approvals = 0;               // by different persons
    std::span<member const> members;      // as they are now
    std::optional<std::string> drifting;  // rollout/drift.hpp
};

struct decision {
    progress next;
    std::vector<std::size_t> instruct;  // places in `members`: they are to be told now
    std::vector<std::size_t> withdraw;  // they are to be told to halt
    tally seen;
};

/// What is to be done now. It is asked again whenever something is new, and every few seconds.
decision decide(situation const& now, wall_time at);

}  // namespace tp::registry::rollout
