#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "proto/job.hpp"

/// ICMP echo packets, octet by octet: RFC 792, RFC 4443. Pure.
namespace tp::probe {

using octets_view = std::span<std::uint8_t const>;

inline constexpr std::size_t echo_head = 8;  // octets of an echo message before its payload

/// The Internet checksum, RFC 1071, over a message whose checksum field is zero (or of a whole message: then 0 is
/// well).
std::uint16_t internet_checksum(octets_view message) noexcept;

/// Writes an echo request. For IPv6 the checksum stays zero: the kernel fills it in.
/// @pre message.size() >= echo_head; the payload stands behind the head already.
void write_echo_request(proto::family af, std::uint16_t identifier, std::uint16_t sequence,
                        std::span<std::uint8_t> message) noexcept;

/// A packet that answers one of our requests.
struct echo_answer {
    bool reply = false;  // else an error that quotes the request
    std::uint16_t identifier = 0, sequence = 0;
    octets_view payload;                           // reply: all of it; error: as much as was quoted
    std::optional<ip_address> quoted_destination;  // error: where the quoted request was going to
    std::string error;                             // in words: "host unreachable", ...
};

/// Reads an ICMPv4 message as a raw socket gives it, IP header first. Nothing for anything else than an echo reply or
/// an error that quotes an echo request, and for what is truncated or has a wrong checksum.
std::optional<echo_answer> read_v4_packet(octets_view packet);
/// Reads an ICMPv4 message without the IP header, as a ping socket gives it.
std::optional<echo_answer> read_v4_message(octets_view message);
/// Reads an ICMPv6 message (the kernel has checked its checksum).
std::optional<echo_answer> read_v6_message(octets_view message);

/// ICMP errors in words.
std::string v4_error(unsigned type, unsigned code);
std::string v6_error(unsigned type, unsigned code);

}  // namespace tp::probe
