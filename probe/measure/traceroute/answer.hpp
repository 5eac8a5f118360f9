#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/ip_prefix.hpp"
#include "probe/measure/traceroute/quote.hpp"
#include "proto/findings.hpp"
#include "proto/job.hpp"

/// Packets that may answer one of ours, read octet by octet. Pure.
namespace tp::probe {

struct trace_answer {
    enum class kind : std::uint8_t {
        time_exceeded,
        unreachable,
        too_big,  // "fragmentation needed" and "packet too big"
        problem,  // ICMP parameter problem
        echo_reply,
        tcp,
        udp
    };
    kind is = kind::time_exceeded;
    unsigned code = 0;          // of an ICMP error
    unsigned size = 0;          // octets behind the head of ICMP, TCP or UDP
    unsigned ttl = 0, tos = 0;  // IPv4 only: raw sockets for IPv6 tell them beside the packet
    trace_quote quote;          // of an error
    std::optional<unsigned> mtu;
    std::optional<proto::icmp_extension> extension;

    std::uint16_t identifier = 0, sequence = 0;           // echo reply
    std::uint16_t source_port = 0, destination_port = 0;  // TCP, UDP: of the answer
    std::uint32_t acknowledged = 0;                       // TCP
    unsigned tcp_flags = 0;
    std::optional<unsigned> mss;
    std::optional<std::uint64_t> secret;  // what the payload of an echo reply brings back

    bool is_error() const noexcept { return is <= kind::problem; }
};

/// A packet with its IPv4 header, as a raw socket gives it. Nothing for what answers none of ours, is cut short or has
/// a wrong ICMP checksum (TCP's and UDP's are left to the kernel: packets of the same machine have none yet).
std::optional<trace_answer> read_v4_answer(std::span<std::uint8_t const> packet);
/// An ICMP message without its IP header, as an ordinary socket gives it.
std::optional<trace_answer> read_icmp_answer(proto::family af, std::span<std::uint8_t const> message);
/// A TCP segment, UDP datagram or ICMPv6 message as a raw socket for IPv6 gives it.
std::optional<trace_answer> read_v6_answer(proto::trace_protocol protocol, std::span<std::uint8_t const> message);

/// The kind of an ICMP error, if its type is one that we look at.
std::optional<trace_answer::kind> kind_of_error(proto::family af, unsigned type, unsigned code) noexcept;

}  // namespace tp::probe
