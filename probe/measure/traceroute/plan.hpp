#pragma once

#include <cstdint>
#include <optional>

#include "base/ip_prefix.hpp"
#include "probe/measure/traceroute/quote.hpp"
#include "proto/job.hpp"

/// What the packets of a traceroute look like: which fields stay, so that a balancer takes all of them the same way
/// (Paris), and which one carries the packet's number. Pure.
///
/// Held in a Paris run: addresses, protocol, ports, the ICMP checksum (two octets of payload make up for id and
/// sequence), the IPv6 flow label, TOS. The number travels in ICMP's sequence, UDP's checksum (again by two octets of
/// payload), TCP's sequence number. Source: laboratory notes, section 4: which fields move a flow at which balancer.
namespace tp::probe {

/// Source ports of ours, below those that Linux gives to others (net.ipv4.ip_local_port_range). Socket filters know
/// them.
inline constexpr std::uint16_t first_trace_port = 0x5000, end_of_trace_ports = 0x8000;
/// Packets of a run: a number has twelve bits in each of the fields that carry it.
inline constexpr unsigned most_trace_packets =
    proto::traceroute_options::highest_hop * proto::traceroute_options::most_packets;
static_assert(most_trace_packets < (1U << 12) - 1);
/// Where UDP begins, whatever port was asked for, as it does at RIPE Atlas: where traceroute has always gone, where
/// nobody listens, and what networks let through. Beginning at 80, packets would look for the services of a well-known
/// range.
inline constexpr std::uint16_t first_udp_trace_port = 33'434;
static_assert(first_udp_trace_port + most_trace_packets <= 0xffff);

struct trace_plan {
    proto::trace_protocol protocol = proto::trace_protocol::udp;
    ip_address source, target;
    unsigned paris_id = 0;          // 0: classic
    std::uint16_t port = 0;         // base_port_of() the options
    std::uint16_t source_port = 0;  // UDP, TCP
    std::uint16_t identifier = 0;   // ICMP
    std::uint8_t nonce = 0;         // so that answers to another run are not taken for ours
    std::uint64_t secret = 0;       // in the payload
    bool dont_fragment = false;
    unsigned hop_by_hop_size = 0, destination_option_size = 0;  // octets of options asked for, IPv6

    bool paris() const noexcept { return paris_id != 0; }
    bool v4() const noexcept { return target.is_v4(); }
};

/// One packet of a run.
struct trace_packet {
    unsigned number = 0;  // of the packet in its run
    unsigned hop = 1;     // time to live
    unsigned size = 0;    // octets of payload
};

/// Payload octets at least: a Paris run needs two, to make up for what moves.
unsigned least_size(proto::traceroute_options const& options) noexcept;

/// TCP: the port asked for. UDP: that of the first flow, or of the first packet of a classic run.
std::uint16_t base_port_of(proto::traceroute_options const& options) noexcept;
std::uint16_t destination_port_of(trace_plan const& plan, unsigned number) noexcept;
std::uint16_t icmp_sequence_of(trace_plan const& plan, unsigned number) noexcept;
std::uint16_t udp_checksum_of(trace_plan const& plan, unsigned number) noexcept;
std::uint32_t tcp_sequence_of(trace_plan const& plan, unsigned number) noexcept;
std::uint16_t icmp_checksum_of(trace_plan const& plan) noexcept;
/// Constant in a Paris run; moves with every packet of a classic one.
std::uint32_t flow_label_of(trace_plan const& plan, unsigned number) noexcept;

/// The number of the packet that an error quotes; nothing if the quote does not say, or is not of this run.
std::optional<unsigned> number_of(trace_plan const& plan, trace_quote const& quote) noexcept;
/// The number of the packet that a TCP answer acknowledges.
std::optional<unsigned> number_of_acknowledged(trace_plan const& plan, std::uint32_t acknowledged) noexcept;
/// The number of the packet that an echo reply answers.
std::optional<unsigned> number_of_echo(trace_plan const& plan, std::uint16_t sequence) noexcept;

}  // namespace tp::probe
