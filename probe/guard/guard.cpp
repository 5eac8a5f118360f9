#include "probe/guard/guard.hpp"

#include <algorithm>
#include <variant>

namespace tp::probe {
namespace {

/// Octets of payload that a user chose; 0 where the type has no such choice.
unsigned payload_size(proto::options const& told)
{
    if (auto const* const ping = std::get_if<proto::ping_options>(&told)) return ping->size;
    if (auto const* const trace = std::get_if<proto::traceroute_options>(&told)) return trace->size;
    return 0;
}

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
    if (payload_size(job.options) > limits_.largest_size)
        return refusal("size not allowed", "largest is " + std::to_string(limits_.largest_size) + " octets");
    return {};
}

verdict guard::may_reach(proto::result_kind, ip_address const& address) const
{
    if (auto why = targets_.refuses(address)) return refusal("address not allowed", std::move(*why));
    return {};
}

verdict guard::may_send(packet const& what, steady_time now)
{
    if (auto no = may_reach(what.kind, what.to); !no) return no;
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

void guard::received(proto::result_kind, std::size_t, steady_time)
{
}

verdict guard::may_fetch(ip_address const& address, std::uint16_t port) const
{
    if (auto no = may_reach(proto::result_kind::http, address); !no) return no;
    auto const listed = [](auto const& list, auto const& wanted) {
        return std::find(list.begin(), list.end(), wanted) != list.end();
    };
    for (auto const& one : anchors_)
        if (listed(one.addresses, address) && listed(one.ports, port)) return {};
    return refusal("address not allowed", "not an anchor");
}

void guard::refill(steady_time now)
{
    auto const passed = std::chrono::duration<double>(now - filled_at_).count();
    double const most = limits_.packets_per_second;
    tokens_ = std::clamp(tokens_ + passed * most, 0.0, most);
    filled_at_ = now;
}

}  // namespace tp::probe
