#include "probe/guard/guard.hpp"

#include <algorithm>
#include <variant>

namespace tp::probe {
namespace {

constexpr double bits_an_octet = 8;
constexpr std::chrono::milliseconds look_again{250};  // whether the network answered how it translates
constexpr std::int32_t first_of_users = 1'000'001;    // measurements below it are the platform's own, as on Atlas

/// Octets of a packet that a user chose, options headers among them; 0 where the type has no such choice.
unsigned payload_size(proto::job const& job)
{
    if (auto const* const ping = std::get_if<proto::ping_options>(&job.options)) return ping->size;
    auto const* const trace = std::get_if<proto::traceroute_options>(&job.options);
    if (!trace) return 0;
    auto const options = trace->hop_by_hop_option_size + trace->destination_option_size;
    return trace->size + (job.af == proto::family::v6 ? options : 0);
}

/// What leaves for so many octets: a packet that does not fit into the usual link goes in fragments.
unsigned packets_of(std::size_t octets)
{
    constexpr std::size_t link = 1500;
    return static_cast<unsigned>(octets <= link ? 1 : (octets + link - 1) / link);
}

unsigned body_size(proto::options const& told)
{
    auto const* const http = std::get_if<proto::http_options>(&told);
    return http ? http->max_bytes_read.value_or(0) : 0;
}

bool port_fits(proto::options const& told)
{
    auto const* const dns = std::get_if<proto::dns_options>(&told);
    return !dns || dns->port_fits();
}

/// Whether a measurement like this tells nothing but that a router is there, and how far away. UDP goes to high ports,
/// whatever port is asked for.
bool is_harmless_to_router(proto::options const& told)
{
    auto const* const trace = std::get_if<proto::traceroute_options>(&told);
    if (!trace) return std::holds_alternative<proto::ping_options>(told);
    return trace->protocol == proto::trace_protocol::icmp || trace->protocol == proto::trace_protocol::udp;
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
    if (!port_fits(job.options)) return refusal("port not allowed", "resolvers are asked at their usual port only");
    if (payload_size(job) > effective_.largest_size)
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

verdict guard::may_name_near_hop(proto::job const& job)
{
    if (job.measurement.value() >= first_of_users)
        return refusal("address not allowed", "near hops are for the platform's own measurements");
    if (!is_harmless_to_router(job.options))
        return refusal("address not allowed", "near hops are for ping, and for traceroute by ICMP or UDP");
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
    if (targets_.waits(what.kind, what.to)) return {verdict::kind::later, {}, {}, now + look_again};
    return spend(what.kind, packets_of(what.octets), what.octets, now);
}

verdict guard::may_look_up(proto::result_kind kind, steady_time now)
{
    return spend(kind, look_up_cost::packets, look_up_cost::octets, now);
}

/// All of it, or nothing.
verdict guard::spend(proto::result_kind kind, unsigned packets, std::size_t octets, steady_time now)
{
    if (auto no = not_now(octets)) return *no;
    auto const bits = bits_an_octet * static_cast<double>(octets);
    auto when = now;
    for (auto* one : asked_for(kind))
        when = std::max({when, one->packets.ready(packets, now), one->bits.ready(bits, now)});
    if (when > now) return {verdict::kind::later, {}, {}, when};
    for (auto* one : asked_for(kind)) {
        one->packets.take(packets, now);
        one->bits.take(bits, now);
    }
    day_.spend(octets);
    return {};
}

verdict guard::may_receive(proto::result_kind kind, steady_time now)
{
    if (auto no = not_now(0)) return *no;
    auto when = now;
    for (auto* one : asked_for(kind)) when = std::max(when, one->bits.ready(0, now));
    if (when > now) return {verdict::kind::later, {}, {}, when};
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
