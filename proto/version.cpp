#include "proto/version.hpp"

#include <algorithm>

namespace tp::proto {

result<unsigned> agree(version_range ours, version_range theirs) noexcept
{
    auto const highest = std::min(ours.highest, theirs.highest);
    if (highest < std::max(ours.lowest, theirs.lowest)) return errc::unsupported;
    return highest;
}

}  // namespace tp::proto
