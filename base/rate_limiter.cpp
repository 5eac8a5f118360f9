#include "base/rate_limiter.hpp"

#include <algorithm>

#include "base/customer.hpp"

namespace tp {
namespace {

using std::chrono::milliseconds;

std::string source_of(ip_address const& address)
{
    return customer_of(address).to_string();
}

}  // namespace

rate_limiter::bucket& rate_limiter::of(std::string source, steady_time now)
{
    if (auto const found = by_source_.find(source); found != by_source_.end()) {
        buckets_.splice(buckets_.end(), buckets_, found->second);
        return *found->second;
    }
    if (by_source_.size() >= most_) {
        by_source_.erase(buckets_.front().source);
        buckets_.pop_front();
    }
    buckets_.push_back({source, allowed_.burst * allowed_.refill.count(), now});
    by_source_.emplace(std::move(source), std::prev(buckets_.end()));
    return buckets_.back();
}

std::int64_t rate_limiter::level_at(bucket const& which, steady_time now) const
{
    auto const passed = std::chrono::duration_cast<milliseconds>(now - which.filled);
    return std::min<std::int64_t>(which.level + passed.count(), allowed_.burst * allowed_.refill.count());
}

bool rate_limiter::exhausted(ip_address const& source, steady_time now) const
{
    auto const found = by_source_.find(source_of(source));
    return found != by_source_.end() && level_at(*found->second, now) < allowed_.refill.count();
}

std::optional<milliseconds> rate_limiter::take(ip_address const& source, steady_time now)
{
    auto& own = of(source_of(source), now);
    auto const one = allowed_.refill.count();
    own.level = level_at(own, now);
    own.filled += std::chrono::duration_cast<milliseconds>(now - own.filled);  // not `now`: the rest is kept
    if (own.level < one) return milliseconds(one - own.level);
    own.level -= one;
    return std::nullopt;
}

}  // namespace tp
