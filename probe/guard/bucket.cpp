#include "probe/guard/bucket.hpp"

#include <algorithm>

namespace tp::probe {

bucket::bucket(std::optional<double> per_second, steady_time now)
    : rate_(per_second), tokens_(per_second.value_or(0)), filled_at_(now)
{
}

void bucket::set_rate(std::optional<double> per_second, steady_time now)
{
    refill(now);
    if (!rate_) tokens_ = per_second.value_or(0);
    rate_ = per_second;
    refill(now);
}

steady_time bucket::ready(double amount, steady_time now)
{
    if (!rate_) return now;
    refill(now);
    auto const missing = std::min(amount, *rate_) - tokens_;
    if (missing <= 0) return now;
    auto const seconds = std::chrono::duration<double>(missing / *rate_);
    // Rounded up, or asking again at that moment could find the bucket a hair short.
    return now + std::chrono::duration_cast<steady_time::duration>(seconds) + std::chrono::microseconds(1);
}

void bucket::take(double amount, steady_time now)
{
    if (!rate_) return;
    refill(now);
    tokens_ = std::max(tokens_ - amount, -longest_debt * *rate_);
}

void bucket::refill(steady_time now)
{
    auto const passed = std::max(std::chrono::duration<double>(now - filled_at_).count(), 0.0);
    filled_at_ = std::max(filled_at_, now);
    if (rate_) tokens_ = std::min(tokens_ + passed * *rate_, *rate_);
}

}  // namespace tp::probe
