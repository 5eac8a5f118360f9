#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/ids.hpp"
#include "store/fleet.hpp"

namespace tp::registry {

/// So long a controller must be silent before its probes are placed anew: they are measuring elsewhere already, and
/// most controllers come back.
inline constexpr std::chrono::seconds gone_after{60};

/// So many probes of one controller are to be placed anew now.
struct moves {
    enum class cause { drained, dead, crowded };
    controller_id from;
    std::uint32_t probes = 0;
    cause why{};
    bool operator==(moves const&) const = default;
};

/// Which probes to place anew in one round: first those of controllers that are being drained, then those of dead ones
/// (they are at their second controller already, or ask by themselves: their placement is put right), then what a
/// controller has too much. At most `most` in all, and never more than the others have room for.
std::vector<moves> plan_moves(std::vector<store::controller_record> const& controllers, std::uint32_t most);

}  // namespace tp::registry
