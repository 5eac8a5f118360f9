#include "probe/guard/guard.hpp"

#include <algorithm>
#include <variant>

namespace tp::probe {
namespace {

verdict refusal(std::string said, std::string why)
{
    return {verdict::kind::refuse, std::move(said), std::move(why), {}};
}

}  // namespace

guard::guard(caps limits, target_policy targets, steady_time now)
    : limits_(limits), targets_(std::move(targets)), tokens_(limits.packets_per_second), filled_at_(now)
{
}

verdict guard::may_run(proto::job const& job, std::size_t running) const
{
    if (running >= limits_.jobs_at_once)
        return refusal("too many measurements at once", "limit is " + std::to_string(limits_.jobs_at_once));
    if (job.when.interval && *job.when.interval < limits_.shortest_interval)
        return refusal("interval not allowed",
                       "shortest is " + std::to_string(limits_.shortest_interval.count()) + " s");
    auto const size = std::visit([](auto const& options) { return options.size; }, job.options);
    if (size > limits_.largest_size)
        return refusal("size not allowed", "largest is " + std::to_string(limits_.largest_size) + " octets");
    return {};
}

verdict guard::may_reach(ip_address const& address) const
{
    if (auto why = targets_.refuses(address)) return refusal("address not allowed", std::move(*why));
    return {};
}

verdict guard::may_send(ip_address const& address, steady_time now)
{
    if (auto no = may_reach(address); !no) return no;
    refill(now);
    if (tokens_ >= 1) {
        tokens_ -= 1;
        return {};
    }
    auto const seconds = std::chrono::duration<double>((1 - tokens_) / limits_.packets_per_second);
    // Rounded up, or asking again at that moment could find the budget a hair short.
    auto const pause = std::chrono::duration_cast<steady_time::duration>(seconds) + std::chrono::microseconds(1);
    return {verdict::kind::later, {}, {}, now + pause};
}

void guard::refill(steady_time now)
{
    auto const passed = std::chrono::duration<double>(now - filled_at_).count();
    double const most = limits_.packets_per_second;
    tokens_ = std::clamp(tokens_ + passed * most, 0.0, most);
    filled_at_ = now;
}

}  // namespace tp::probe
