#pragma once

#include <span>

namespace tp::registry::detect {

struct hour_facts;

/// What the rules look at: the hours of the last 24 in which a probe was in session, oldest first.
using window_view = std::span<hour_facts const>;

/// So many hours must speak before a rule says "clean" or blames a probe for a share of its hours.
inline constexpr std::size_t hours_to_judge = 12;
/// And so many before it says "clean" where a single event counts.
inline constexpr std::size_t hours_to_clear = 6;

}  // namespace tp::registry::detect
