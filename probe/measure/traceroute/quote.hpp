#pragma once

#include <cstdint>
#include <optional>

#include "base/ip_prefix.hpp"
#include "proto/options.hpp"

namespace tp::probe {

/// The packet of ours that an ICMP error quotes, as far as the quote goes.
struct trace_quote {
    proto::trace_protocol protocol = proto::trace_protocol::udp;
    ip_address destination;
    std::optional<unsigned> ttl, tos;                                  // none: the socket does not tell
    std::optional<unsigned> hop_by_hop_size, destination_option_size;  // octets of options, IPv6
    std::uint16_t source_port = 0, destination_port = 0;               // UDP, TCP
    std::optional<std::uint16_t> checksum;                             // UDP
    std::uint16_t identifier = 0, sequence = 0;                        // ICMP
    std::uint32_t tcp_sequence = 0;
};

}  // namespace tp::probe
