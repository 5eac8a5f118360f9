#include "probe/measure/traceroute/hearing.hpp"

#include <array>

namespace tp::probe {
namespace {

using proto::trace_error;
using kind = trace_answer::kind;
using says = heard::says;

constexpr unsigned v4_port = 3, v6_port = 4;

trace_error v4_error_of(unsigned code) noexcept
{
    constexpr unsigned prohibited = 13;
    constexpr std::array known{trace_error::network, trace_error::host, trace_error::protocol, trace_error::port};
    if (code < known.size()) return known[code];
    return code == prohibited ? trace_error::prohibited : trace_error::other;
}

trace_error v6_error_of(unsigned code) noexcept
{
    constexpr std::array known{trace_error::network, trace_error::prohibited, trace_error::beyond_scope,
                               trace_error::host, trace_error::port};
    return code < known.size() ? known[code] : trace_error::other;
}

/// A closed port is what a trace by UDP or TCP looks for.
void judge_unreachable(trace_plan const& plan, unsigned code, heard& out) noexcept
{
    bool const port_closed = code == (plan.v4() ? v4_port : v6_port);
    if (port_closed && plan.protocol != proto::trace_protocol::icmp) {
        out.what = says::reached;
        return;
    }
    out.what = says::unreachable;
    out.reply.error = plan.v4() ? v4_error_of(code) : v6_error_of(code);
    if (out.reply.error == trace_error::other) out.reply.error_code = code;
}

void judge(trace_plan const& plan, trace_answer const& answer, heard& out) noexcept
{
    if (!answer.is_error()) {
        out.what = says::reached;
    } else if (answer.is == kind::unreachable) {
        judge_unreachable(plan, answer.code, out);
    } else if (answer.is == kind::problem) {
        out.what = says::unreachable;
        out.reply.error = trace_error::other;
        out.reply.error_code = answer.code;
    } else if (answer.is == kind::time_exceeded && answer.code != 0) {  // 1: fragments that never came together
        out.reply.error = trace_error::other;
        out.reply.error_code = answer.code;
    }
}

void describe_quote(trace_plan const& plan, trace_quote const& quote, proto::trace_reply& out)
{
    if (quote.ttl != 1U) out.quoted_ttl = quote.ttl;
    if (quote.tos != 0U) out.quoted_tos = quote.tos;
    if (quote.destination != plan.target) out.quoted_destination = quote.destination;
    out.hop_by_hop_size = quote.hop_by_hop_size;
    out.destination_option_size = quote.destination_option_size;
}

bool trusts(trace_plan const& plan, trace_answer const& answer, ip_address const& from)
{
    if (answer.is_error()) return answer.quote.protocol == plan.protocol;
    if (answer.is == kind::echo_reply)
        return plan.protocol == proto::trace_protocol::icmp && (from == plan.target || answer.secret == plan.secret);
    if (from != plan.target) return false;
    if (answer.is == kind::udp) return plan.protocol == proto::trace_protocol::udp;
    return plan.protocol == proto::trace_protocol::tcp && answer.source_port == plan.port;
}

std::optional<unsigned> number_in(trace_plan const& plan, trace_answer const& answer)
{
    if (answer.is_error()) return number_of(plan, answer.quote);
    if (answer.is == kind::echo_reply) return number_of_echo(plan, answer.sequence);
    if (answer.is == kind::tcp) return number_of_acknowledged(plan, answer.acknowledged);
    if (plan.paris()) return std::nullopt;
    return static_cast<std::uint16_t>(answer.source_port - plan.port);
}

/// A datagram of the target names no packet in a Paris run, and home routers forget to restore a quoted UDP checksum.
bool may_be_nameless(trace_plan const& plan, trace_answer const& answer)
{
    if (plan.protocol != proto::trace_protocol::udp || !plan.paris()) return false;
    return !answer.is_error() || answer.quote.destination_port == destination_port_of(plan, 0);
}

}  // namespace

std::optional<naming> naming_of(trace_plan const& plan, trace_answer const& answer, ip_address const& from)
{
    if (plan.v4() != from.is_v4() || !trusts(plan, answer, from)) return std::nullopt;
    naming const out{number_in(plan, answer)};
    if (!out.number && !may_be_nameless(plan, answer)) return std::nullopt;
    return out;
}

heard hear(trace_plan const& plan, trace_answer const& answer, receipt const& by)
{
    heard out;
    out.at = by.at;
    auto& reply = out.reply;
    reply.from = by.from;
    reply.ttl = by.ttl.value_or(answer.ttl);
    reply.size = answer.size;
    if (auto const tos = by.tos.value_or(answer.tos); tos != 0) reply.tos = tos;
    if (answer.is_error()) describe_quote(plan, answer.quote, reply);
    reply.mtu = answer.mtu;
    reply.extension = answer.extension;
    if (answer.is == kind::tcp) {
        reply.tcp_flags = answer.tcp_flags;
        reply.mss = answer.mss;
    }
    judge(plan, answer, out);
    return out;
}

}  // namespace tp::probe
