#include "base/ssh/deadlines.hpp"

#include <algorithm>

namespace tp::ssh {

void deadlines::output_waits(steady_time now, std::uint64_t progress) noexcept
{
    if (stall_ && progress == progress_) return;
    stall_ = now + stall_limit_;
    progress_ = progress;
}

std::optional<steady_time> deadlines::next() const noexcept
{
    if (fixed_ && stall_) return std::min(*fixed_, *stall_);
    return fixed_ ? fixed_ : stall_;
}

bool deadlines::expired(steady_time now) const noexcept
{
    auto const at = next();
    return at && now >= *at;
}

}  // namespace tp::ssh
