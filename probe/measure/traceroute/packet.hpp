#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "probe/measure/traceroute/plan.hpp"

/// The packets of a traceroute, octet by octet: RFC 791, 792, 768, 9293, 8200, 4443. Pure.
namespace tp::probe {

/// Octets that any packet of ours fits in: headers, both IPv6 options headers, payload.
inline constexpr std::size_t largest_trace_packet = 5632;

/// Octets of the packet with all its headers.
std::size_t packet_octets(trace_plan const& plan, unsigned size) noexcept;

/// Writes the packet with its IP header. The number of octets.
/// @pre out.size() >= largest_trace_packet
std::size_t write_packet(trace_plan const& plan, trace_packet const& what, std::span<std::uint8_t> out) noexcept;

/// Writes it without IP headers: what an ordinary socket is given for ICMP. The number of octets.
std::size_t write_transport(trace_plan const& plan, trace_packet const& what, std::span<std::uint8_t> out) noexcept;

/// The packet in fragments that fit into `mtu`, which the kernel leaves to who writes IP headers. Nothing if they
/// cannot.
std::vector<std::vector<std::uint8_t>> fragments_of(std::span<std::uint8_t const> packet, std::size_t mtu,
                                                    std::uint32_t identification);

}  // namespace tp::probe
