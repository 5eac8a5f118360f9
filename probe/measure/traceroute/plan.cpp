#include "probe/measure/traceroute/plan.hpp"

namespace tp::probe {
namespace {

using proto::trace_protocol;

constexpr unsigned number_bits = 12, number_mask = (1U << number_bits) - 1;
constexpr unsigned small_nonce = 15;           // the four bits above a number in a field of 16
constexpr std::uint32_t label_mask = 0xfffff;  // RFC 8200: 20 bits

std::uint16_t named(trace_plan const& plan, unsigned number) noexcept
{
    return static_cast<std::uint16_t>((plan.nonce & small_nonce) << number_bits | number);
}

std::optional<unsigned> number_in(trace_plan const& plan, std::uint16_t field) noexcept
{
    if (field >> number_bits != (plan.nonce & small_nonce)) return std::nullopt;
    return field & number_mask;
}

}  // namespace

unsigned least_size(proto::traceroute_options const& options) noexcept
{
    constexpr unsigned filler = 2;
    return options.paris != 0 && options.protocol != trace_protocol::tcp ? filler : 0;
}

std::uint16_t base_port_of(proto::traceroute_options const& options) noexcept
{
    return options.protocol == trace_protocol::udp ? first_udp_trace_port : options.port;
}

/// The first Paris flow goes to the base itself.
std::uint16_t destination_port_of(trace_plan const& plan, unsigned number) noexcept
{
    if (plan.protocol != trace_protocol::udp) return plan.port;
    return static_cast<std::uint16_t>(plan.port + (plan.paris() ? plan.paris_id - 1 : number));
}

std::uint16_t icmp_sequence_of(trace_plan const& plan, unsigned number) noexcept
{
    return named(plan, number);
}

/// Never 0, which says that there is no checksum, nor 0xffff, which is the same number.
std::uint16_t udp_checksum_of(trace_plan const& plan, unsigned number) noexcept
{
    return named(plan, number + 1);
}

/// Twelve bits below the number: the other side acknowledges the payload, or does not.
std::uint32_t tcp_sequence_of(trace_plan const& plan, unsigned number) noexcept
{
    return static_cast<std::uint32_t>(plan.nonce) << 24 | number << number_bits;
}

std::uint16_t icmp_checksum_of(trace_plan const& plan) noexcept
{
    return static_cast<std::uint16_t>(plan.paris_id);
}

std::uint32_t flow_label_of(trace_plan const& plan, unsigned number) noexcept
{
    constexpr std::uint32_t spreads = 0x9e377;  // odd: different inputs give different labels
    return ((plan.paris() ? plan.paris_id : number + 1) * spreads) & label_mask;
}

std::optional<unsigned> number_of(trace_plan const& plan, trace_quote const& quote) noexcept
{
    if (quote.protocol != plan.protocol) return std::nullopt;
    if (plan.protocol == trace_protocol::icmp) return number_of_echo(plan, quote.sequence);
    if (plan.protocol == trace_protocol::tcp) return number_of_acknowledged(plan, quote.tcp_sequence + 1);
    if (!plan.paris()) return static_cast<std::uint16_t>(quote.destination_port - plan.port);
    if (!quote.checksum) return std::nullopt;
    auto const number = number_in(plan, *quote.checksum);
    if (!number || *number == 0) return std::nullopt;
    return *number - 1;
}

std::optional<unsigned> number_of_acknowledged(trace_plan const& plan, std::uint32_t acknowledged) noexcept
{
    auto const sequence = acknowledged - 1;
    if (sequence >> 24 != plan.nonce) return std::nullopt;
    return sequence >> number_bits & number_mask;
}

std::optional<unsigned> number_of_echo(trace_plan const& plan, std::uint16_t sequence) noexcept
{
    return number_in(plan, sequence);
}

}  // namespace tp::probe
