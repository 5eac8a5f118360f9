#include "probe/measure/traceroute/answer.hpp"

#include <algorithm>

#include "probe/measure/traceroute/extension.hpp"
#include "probe/measure/traceroute/octets.hpp"

namespace tp::probe {
namespace {

using proto::trace_protocol;
using kind = trace_answer::kind;

constexpr std::size_t least_v4_header = 20, v6_header = 40, icmp_head = 8, udp_head = 8, least_tcp_head = 20;
constexpr std::size_t least_quote = 8;  // octets behind the quoted IP headers that every router gives, RFC 792
constexpr std::uint8_t icmp_protocol = 1, tcp_protocol = 6, udp_protocol = 17, icmpv6_protocol = 58;
constexpr std::uint8_t hop_by_hop = 0, fragment_header = 44, destination_options = 60;
constexpr std::uint8_t v4_echo_reply = 0, v4_unreachable = 3, v4_echo = 8, v4_time_exceeded = 11, v4_problem = 12;
constexpr std::uint8_t v6_unreachable = 1, v6_too_big = 2, v6_time_exceeded = 3, v6_problem = 4, v6_echo = 128,
                       v6_echo_reply = 129;
constexpr unsigned v4_fragmentation_needed = 4;

/// Octets of the IPv4 header of a packet that is no later fragment; 0 if it is none.
std::size_t v4_header_of(octets_view packet) noexcept
{
    if (packet.size() < least_v4_header || packet[0] >> 4 != 4) return 0;
    bool const later_fragment = (get16(packet, 6) & 0x1fff) != 0;
    std::size_t const length = (packet[0] & 15U) * 4U;
    return later_fragment || length < least_v4_header || packet.size() < length ? 0 : length;
}

/// The quoted head behind the IP headers. False if it is none of a packet of ours.
bool read_quoted_transport(std::uint8_t protocol, octets_view head, trace_quote& out) noexcept
{
    if (head.size() < least_quote) return false;
    if (protocol == icmp_protocol || protocol == icmpv6_protocol) {
        if (head[0] != (protocol == icmp_protocol ? v4_echo : v6_echo)) return false;
        out.protocol = trace_protocol::icmp;
        out.identifier = get16(head, 4);
        out.sequence = get16(head, 6);
        return true;
    }
    if (protocol != udp_protocol && protocol != tcp_protocol) return false;
    out.protocol = protocol == udp_protocol ? trace_protocol::udp : trace_protocol::tcp;
    out.source_port = get16(head, 0);
    out.destination_port = get16(head, 2);
    if (protocol == udp_protocol)
        out.checksum = get16(head, 6);
    else
        out.tcp_sequence = get32(head, 4);
    return true;
}

bool read_v4_quote(octets_view packet, trace_quote& out) noexcept
{
    auto const header = v4_header_of(packet);
    if (header == 0) return false;
    out.ttl = packet[8];
    out.tos = packet[1];
    out.destination = boost::asio::ip::address_v4(get32(packet, 16));
    return read_quoted_transport(packet[9], packet.subspan(header), out);
}

bool read_v6_quote(octets_view packet, trace_quote& out) noexcept
{
    constexpr int most_headers = 4;
    if (packet.size() < v6_header || packet[0] >> 4 != 6) return false;
    out.ttl = packet[7];
    out.tos = get16(packet, 0) >> 4 & 0xffU;
    boost::asio::ip::address_v6::bytes_type to;
    std::copy_n(packet.begin() + 24, to.size(), to.begin());
    out.destination = boost::asio::ip::address_v6(to);
    auto next = packet[6];
    auto rest = packet.subspan(v6_header);
    for (int i = 0; i < most_headers; ++i) {
        bool const options = next == hop_by_hop || next == destination_options;
        if (!options && next != fragment_header) break;
        if (rest.size() < 8) return false;
        auto const length = options ? (rest[1] + 1U) * 8U : 8U;
        if (next == fragment_header && (get16(rest, 2) & 0xfff8U) != 0) return false;
        if (options) (next == hop_by_hop ? out.hop_by_hop_size : out.destination_option_size) = length - 2;
        if (rest.size() < length) return false;
        next = rest[0];
        rest = rest.subspan(length);
    }
    return read_quoted_transport(next, rest, out);
}

/// The length of the quoted packet as the error's own head says it, in octets. RFC 4884, section 4.
std::size_t announced_quote(proto::family af, octets_view message) noexcept
{
    constexpr std::size_t v4_unit = 4, v6_unit = 8;
    return af == proto::family::v4 ? message[5] * v4_unit : message[4] * v6_unit;
}

/// Whether such an error has a length field: ICMPv6 has its MTU or a pointer there in two of them.
bool may_extend(proto::family af, kind of) noexcept
{
    return af == proto::family::v4 || of == kind::time_exceeded || of == kind::unreachable;
}

std::optional<trace_answer> read_error(proto::family af, kind of, octets_view message)
{
    trace_answer out;
    out.is = of;
    out.code = message[1];
    out.size = static_cast<unsigned>(message.size() - icmp_head);
    if (of == kind::too_big) out.mtu = af == proto::family::v4 ? get16(message, 6) : get32(message, 4);
    error_parts parts{message.subspan(icmp_head), {}};
    if (may_extend(af, of)) parts = split_error(parts.quote, announced_quote(af, message));
    out.extension = std::move(parts.extension);
    bool const ours =
        af == proto::family::v4 ? read_v4_quote(parts.quote, out.quote) : read_v6_quote(parts.quote, out.quote);
    if (!ours) return std::nullopt;
    return out;
}

std::optional<trace_answer> read_echo_reply(octets_view message)
{
    constexpr std::size_t secret_at = icmp_head + 2, secret_octets = 8;
    if (message[1] != 0) return std::nullopt;
    trace_answer out;
    out.is = kind::echo_reply;
    out.identifier = get16(message, 4);
    out.sequence = get16(message, 6);
    out.size = static_cast<unsigned>(message.size() - icmp_head);
    if (message.size() >= secret_at + secret_octets)
        out.secret = std::uint64_t{get32(message, secret_at)} << 32 | get32(message, secret_at + 4);
    return out;
}

/// The segment size that a SYN's options offer. RFC 9293, section 3.2.
std::optional<unsigned> offered_mss(octets_view options) noexcept
{
    constexpr std::uint8_t end = 0, nothing = 1, mss = 2;
    while (!options.empty() && options[0] != end) {
        if (options[0] == nothing) {
            options = options.subspan(1);
            continue;
        }
        if (options.size() < 2 || options[1] < 2 || options[1] > options.size()) break;
        if (options[0] == mss && options[1] == 4) return get16(options, 2);
        options = options.subspan(options[1]);
    }
    return std::nullopt;
}

/// A segment that a SYN of ours may have caused: SYN with ACK, or a reset.
std::optional<trace_answer> read_tcp(octets_view segment)
{
    constexpr unsigned syn_and_ack = 0x12, reset = 0x04;
    if (segment.size() < least_tcp_head) return std::nullopt;
    std::size_t const head = (segment[12] >> 4U) * 4U;
    if (head < least_tcp_head || head > segment.size()) return std::nullopt;
    trace_answer out;
    out.is = kind::tcp;
    out.source_port = get16(segment, 0);
    out.destination_port = get16(segment, 2);
    out.acknowledged = get32(segment, 8);
    out.tcp_flags = segment[13];
    if ((out.tcp_flags & syn_and_ack) != syn_and_ack && (out.tcp_flags & reset) == 0) return std::nullopt;
    out.mss = offered_mss(segment.subspan(least_tcp_head, head - least_tcp_head));
    out.size = static_cast<unsigned>(segment.size() - head);
    return out;
}

std::optional<trace_answer> read_udp(octets_view datagram)
{
    if (datagram.size() < udp_head) return std::nullopt;
    trace_answer out;
    out.is = kind::udp;
    out.source_port = get16(datagram, 0);
    out.destination_port = get16(datagram, 2);
    out.size = static_cast<unsigned>(datagram.size() - udp_head);
    return out;
}

}  // namespace

std::optional<kind> kind_of_error(proto::family af, unsigned type, unsigned code) noexcept
{
    if (af == proto::family::v4) {
        if (type == v4_time_exceeded) return kind::time_exceeded;
        if (type == v4_unreachable) return code == v4_fragmentation_needed ? kind::too_big : kind::unreachable;
        if (type == v4_problem) return kind::problem;
        return std::nullopt;
    }
    if (type == v6_time_exceeded) return kind::time_exceeded;
    if (type == v6_unreachable) return kind::unreachable;
    if (type == v6_too_big) return kind::too_big;
    if (type == v6_problem) return kind::problem;
    return std::nullopt;
}

std::optional<trace_answer> read_icmp_answer(proto::family af, octets_view message)
{
    if (message.size() < icmp_head) return std::nullopt;
    if (message[0] == (af == proto::family::v4 ? v4_echo_reply : v6_echo_reply)) return read_echo_reply(message);
    auto const of = kind_of_error(af, message[0], message[1]);
    if (!of) return std::nullopt;
    return read_error(af, *of, message);
}

std::optional<trace_answer> read_v4_answer(octets_view packet)
{
    auto const header = v4_header_of(packet);
    if (header == 0) return std::nullopt;
    auto const message = packet.subspan(header);
    std::optional<trace_answer> out;
    if (packet[9] == icmp_protocol) {
        word_sum sum;
        sum.add(message);
        if (sum.checksum() == 0) out = read_icmp_answer(proto::family::v4, message);
    } else if (packet[9] == tcp_protocol) {
        out = read_tcp(message);
    } else if (packet[9] == udp_protocol) {
        out = read_udp(message);
    }
    if (!out) return std::nullopt;
    out->ttl = packet[8];
    out->tos = packet[1];
    return out;
}

std::optional<trace_answer> read_v6_answer(trace_protocol protocol, octets_view message)
{
    if (protocol == trace_protocol::tcp) return read_tcp(message);
    if (protocol == trace_protocol::udp) return read_udp(message);
    return read_icmp_answer(proto::family::v6, message);
}

}  // namespace tp::probe
