#include "api/cli/shown/seen_results.hpp"

namespace tp::cli {

bool seen_results::take(shown_result const& result)
{
    probes_.insert(result.probe);
    auto const [place, fresh] = keys_.emplace(result.timestamp, result.probe);
    if (!fresh) return false;
    auto const oldest = keys_.rbegin()->first - kept;
    keys_.erase(keys_.begin(), keys_.lower_bound({oldest, 0}));
    return result.timestamp >= oldest;
}

std::optional<std::int64_t> seen_results::ask_from() const
{
    if (keys_.empty()) return std::nullopt;
    return keys_.rbegin()->first - kept / 2;
}

}  // namespace tp::cli
