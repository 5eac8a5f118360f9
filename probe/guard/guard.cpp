#include "probe/guard/guard.hpp"

#include <algorithm>
#include <variant>

namespace tp::probe {
namespace {

constexpr double bits_an_octet = 8;

/// Octets of payload that a user chose; 0 where the type has no such choice.
unsigned payload_size(proto::options const& told)
{
    if (auto const* const ping = std::get_if<proto::ping_options>(&told)) return ping->size;
    if (auto const* const trace = std::get_if<proto::traceroute_options>(&told)) return trace->size;
    return 0;
}

unsigned body_size(proto::options const& told)
{
    auto const* const http = std::get_if<proto::http_options>(&told);
    return http ? http->max_bytes_read.value_or(0) : 0;
}

verdict refusal(std::string said, std::string why)
{
    return {verdict::kind::refuse, std::move(said), std::move(why), {}};
}

template <class T>
std::optional<double> rate(std::optional<T> const& limit)
{
    return limit ? std::optional<double>(static_cast<double>(*limit)) : std::nullopt;
}

}  // namespace

guard::guard(caps limits, target_policy targets, steady_time now)
    : limits_(limits),
      effective_(std::move(limits)),
      targets_(std::move(targets)),
      all_{{static_cast<double>(effective_.packets_per_second), now}, {rate(effective_.bits_per_second), now}}
{
    for (auto const& one : effective_.types)
        each_.push_back({{rate(one.packets_per_second), now}, {rate(one.bits_per_second), now}});
}

verdict guard::may_run(proto::job const& job, std::size_t running) const
{
    auto const kind = proto::kind_of(job.options);
    auto const& type = effective_.of(kind);
    auto const name = std::string(proto::names_of(kind).capability);
    if (!type.allowed) return refusal("type of measurement not allowed", name + " is not allowed here");
    if (auto const no = not_now(0)) return *no;
    if (running >= effective_.jobs_at_once)
        return refusal("too many measurements at once", "limit is " + std::to_string(effective_.jobs_at_once));
    if (type.jobs_at_once && runs_.at(static_cast<std::size_t>(kind) - 1) >= *type.jobs_at_once)
        return refusal("too many measurements at once",
                       "limit is " + std::to_string(*type.jobs_at_once) + " of type " + name);
    if (job.when.interval && *job.when.interval < effective_.shortest_interval)
        return refusal("interval not allowed",
                       "shortest is " + std::to_string(effective_.shortest_interval.count()) + " s");
    if (payload_size(job.options) > effective_.largest_size)
        return refusal("size not allowed", "largest is " + std::to_string(effective_.largest_size) + " octets");
    if (body_size(job.options) > effective_.http_body_bytes)
        return refusal("size not allowed", "largest body is " + std::to_string(effective_.http_body_bytes) + " octets");
    return {};
}

proto::job guard::bounded(proto::job job) const
{
    auto* const http = std::get_if<proto::http_options>(&job.options);
    if (http && !http->max_bytes_read)
        http->max_bytes_read = std::min(proto::http_options::usual_body_bytes, effective_.http_body_bytes);
    return job;
}

/// What holds for whole jobs and for each packet of them: quiet hours, and the day's octets.
std::optional<verdict> guard::not_now(std::uint64_t octets) const
{
    if (effective_.quiet.hold(clock_))
        return refusal("quiet hours", clock_ ? effective_.quiet.text() : "the clock is not set");
    auto const& most = effective_.bytes_per_day;
    auto const used = day_.used().octets;
    if (most && (used >= *most || octets > *most - used))
        return refusal("the day's bytes are used up", "limit is " + std::to_string(*most) + " a day");
    return std::nullopt;
}

verdict guard::may_target(ip_address const& address) const
{
    if (auto why = targets_.refuses(address)) return refusal("address not allowed", std::move(*why));
    return {};
}

verdict guard::may_reach(proto::result_kind kind, ip_address const& address) const
{
    if (targets_.exempts(kind, address)) return {};
    return may_target(address);
}

verdict guard::may_send(packet const& what, steady_time now)
{
    if (auto no = may_reach(what.kind, what.to); !no) return no;
    if (auto no = not_now(what.octets)) return *no;
    auto const bits = bits_an_octet * static_cast<double>(what.octets);
    auto when = now;
    for (auto* one : asked_for(what.kind))
        when = std::max({when, one->packets.ready(1, now), one->bits.ready(bits, now)});
    if (when > now) return {verdict::kind::later, {}, {}, when};
    for (auto* one : asked_for(what.kind)) {
        one->packets.take(1, now);
        one->bits.take(bits, now);
    }
    day_.spend(what.octets);
    return {};
}

void guard::received(proto::result_kind kind, std::size_t octets, steady_time now)
{
    day_.spend(octets);
    for (auto* one : asked_for(kind)) one->bits.take(bits_an_octet * static_cast<double>(octets), now);
}

verdict guard::may_fetch(ip_address const& address, std::uint16_t port) const
{
    if (auto no = may_reach(proto::result_kind::http, address); !no) return no;
    if (anchors_.have(address, port)) return {};
    return refusal("address not allowed", "not an anchor");
}

void guard::look(std::optional<local_moment> now) noexcept
{
    clock_ = now;
    day_.look(now ? std::optional(now->day) : std::nullopt);
}

void guard::set_platform_limits(proto::cap_limits const& wish, steady_time now)
{
    effective_ = lowered(limits_, wish);
    all_.packets.set_rate(static_cast<double>(effective_.packets_per_second), now);
    all_.bits.set_rate(rate(effective_.bits_per_second), now);
}

std::array<guard::buckets*, 2> guard::asked_for(proto::result_kind kind)
{
    return {&all_, &each_.at(static_cast<std::size_t>(kind) - 1)};
}

}  // namespace tp::probe
