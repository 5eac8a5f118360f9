#pragma once

#include "base/error.hpp"

namespace tp::proto {

/// The protocol versions that one side speaks. Both ends included; 1 <= lowest <= highest.
struct version_range {
    unsigned lowest = 1;
    unsigned highest = 1;
    bool operator==(version_range const&) const = default;
};

/// What this build speaks. Raise `highest` for every change that an older peer must not be sent.
inline constexpr version_range our_versions{1, 1};

/// The highest version that both speak. Errors: errc::unsupported when there is none.
result<unsigned> agree(version_range ours, version_range theirs) noexcept;

}  // namespace tp::proto
