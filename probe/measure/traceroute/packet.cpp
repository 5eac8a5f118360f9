#include "probe/measure/traceroute/packet.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "probe/measure/traceroute/octets.hpp"

namespace tp::probe {
namespace {

using proto::trace_protocol;

constexpr std::size_t v4_header = 20, v6_header = 40, tcp_header = 20, small_header = 8;  // UDP's and ICMP's
constexpr std::uint8_t hop_by_hop = 0, fragment_header = 44, destination_options = 60;    // next headers, RFC 8200
constexpr std::string_view mark = "Trigpoint traceroute";                                 // for who looks at it

std::uint8_t ip_protocol(trace_plan const& plan) noexcept
{
    constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17, icmpv6 = 58;
    if (plan.protocol == trace_protocol::tcp) return tcp;
    if (plan.protocol == trace_protocol::udp) return udp;
    return plan.v4() ? icmp : icmpv6;
}

std::size_t transport_header(trace_plan const& plan) noexcept
{
    return plan.protocol == trace_protocol::tcp ? tcp_header : small_header;
}

/// Octets of an options header that holds so many octets of options, or as many as fit: its length is an octet, which
/// counts units beyond the first.
std::size_t options_header(unsigned size) noexcept
{
    constexpr std::size_t head = 2, unit = 8, most = 256 * unit;
    return size == 0 ? 0 : std::min((head + size + unit - 1) / unit * unit, most);
}

/// A header of nothing but padding, RFC 8200, section 4.2.
void write_options(std::uint8_t next, std::span<std::uint8_t> out) noexcept
{
    constexpr std::uint8_t pad1 = 0, pad_n = 1;
    constexpr std::size_t most = 255;
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    out[0] = next;
    out[1] = static_cast<std::uint8_t>(out.size() / 8 - 1);
    for (std::size_t at = 2; at < out.size();) {
        auto const left = out.size() - at;
        if (left == 1) {
            out[at++] = pad1;
            continue;
        }
        auto const padding = std::min(left - 2, most);
        out[at] = pad_n;
        out[at + 1] = static_cast<std::uint8_t>(padding);
        at += 2 + padding;
    }
}

void copy(ip_address const& address, std::span<std::uint8_t> to) noexcept
{
    if (address.is_v4()) {
        auto const octets = address.to_v4().to_bytes();
        std::copy(octets.begin(), octets.end(), to.begin());
    } else {
        auto const octets = address.to_v6().to_bytes();
        std::copy(octets.begin(), octets.end(), to.begin());
    }
}

void add(ip_address const& address, word_sum& sum) noexcept
{
    std::array<std::uint8_t, 16> octets{};
    copy(address, octets);
    sum.add(octets);
}

/// What the checksum of `message` is counted from: ICMPv4 has no pseudo-header.
word_sum sum_of(trace_plan const& plan, octets_view message) noexcept
{
    word_sum sum;
    if (!plan.v4() || plan.protocol != trace_protocol::icmp) {
        add(plan.source, sum);
        add(plan.target, sum);
        sum.add(ip_protocol(plan) + message.size());
    }
    sum.add(message);
    return sum;
}

/// Behind the two octets that make up for what moves: a secret that an echo reply brings back, and who this is.
void write_payload(trace_plan const& plan, std::span<std::uint8_t> out) noexcept
{
    constexpr std::size_t filler = 2, secret = 8;
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    if (out.size() < filler + secret) return;
    put32(out, filler, static_cast<std::uint32_t>(plan.secret >> 32));
    put32(out, filler + 4, static_cast<std::uint32_t>(plan.secret));
    auto const rest = out.subspan(filler + secret);
    std::copy_n(mark.begin(), std::min(mark.size(), rest.size()), rest.begin());
}

void write_echo(trace_plan const& plan, unsigned number, std::span<std::uint8_t> message) noexcept
{
    constexpr std::uint8_t v4_request = 8, v6_request = 128;
    message[0] = plan.v4() ? v4_request : v6_request;
    message[1] = 0;
    put16(message, 2, 0);
    put16(message, 4, plan.identifier);
    put16(message, 6, icmp_sequence_of(plan, number));
    if (plan.paris()) put16(message, small_header, sum_of(plan, message).filler_for(icmp_checksum_of(plan)));
    put16(message, 2, sum_of(plan, message).checksum());
}

void write_udp(trace_plan const& plan, unsigned number, std::span<std::uint8_t> message) noexcept
{
    put16(message, 0, plan.source_port);
    put16(message, 2, destination_port_of(plan, number));
    put16(message, 4, static_cast<std::uint16_t>(message.size()));
    put16(message, 6, 0);
    if (plan.paris()) put16(message, small_header, sum_of(plan, message).filler_for(udp_checksum_of(plan, number)));
    auto const checksum = sum_of(plan, message).checksum();
    put16(message, 6, checksum == 0 ? 0xffff : checksum);  // RFC 768: zero says that there is none
}

void write_syn(trace_plan const& plan, unsigned number, std::span<std::uint8_t> message) noexcept
{
    constexpr std::uint16_t syn = tcp_header / 4 << 12 | 0x02, window = 0xffff;
    put16(message, 0, plan.source_port);
    put16(message, 2, plan.port);
    put32(message, 4, tcp_sequence_of(plan, number));
    put32(message, 8, 0);
    put16(message, 12, syn);
    put16(message, 14, window);
    put32(message, 16, 0);
    put16(message, 16, sum_of(plan, message).checksum());
}

void write_v4_header(trace_plan const& plan, trace_packet const& what, std::span<std::uint8_t> out) noexcept
{
    constexpr std::uint16_t version_and_length = 0x4500, no_fragments = 0x4000;
    std::fill_n(out.begin(), v4_header, std::uint8_t{0});
    put16(out, 0, version_and_length);
    put16(out, 2, static_cast<std::uint16_t>(out.size()));
    put16(out, 4, static_cast<std::uint16_t>(what.number + 1));  // an identification: not 0, or the kernel takes one
    put16(out, 6, plan.dont_fragment ? no_fragments : 0);
    out[8] = static_cast<std::uint8_t>(what.hop);
    out[9] = ip_protocol(plan);
    copy(plan.source, out.subspan(12));
    copy(plan.target, out.subspan(16));
    word_sum sum;
    sum.add(out.first(v4_header));
    put16(out, 10, sum.checksum());
}

/// With the options headers that were asked for. The number of octets.
std::size_t write_v6_headers(trace_plan const& plan, trace_packet const& what, std::span<std::uint8_t> out) noexcept
{
    auto const first = options_header(plan.hop_by_hop_size), second = options_header(plan.destination_option_size);
    auto const after_first = second != 0 ? destination_options : ip_protocol(plan);
    put32(out, 0, 6U << 28 | flow_label_of(plan, what.number));
    put16(out, 4, static_cast<std::uint16_t>(out.size() - v6_header));
    out[6] = first != 0 ? hop_by_hop : after_first;
    out[7] = static_cast<std::uint8_t>(what.hop);
    copy(plan.source, out.subspan(8));
    copy(plan.target, out.subspan(24));
    if (first != 0) write_options(after_first, out.subspan(v6_header, first));
    if (second != 0) write_options(ip_protocol(plan), out.subspan(v6_header + first, second));
    return v6_header + first + second;
}

using fragments = std::vector<std::vector<std::uint8_t>>;

fragments v4_fragments(octets_view packet, std::size_t mtu)
{
    constexpr std::uint16_t more = 0x2000;
    auto const room = (mtu - v4_header) / 8 * 8;
    fragments out;
    for (std::size_t at = v4_header; at < packet.size(); at += room) {
        auto const part = packet.subspan(at, std::min(room, packet.size() - at));
        auto& one = out.emplace_back(packet.begin(), packet.begin() + v4_header);
        one.insert(one.end(), part.begin(), part.end());
        bool const last = at + part.size() == packet.size();
        put16(one, 2, static_cast<std::uint16_t>(one.size()));
        put16(one, 6, static_cast<std::uint16_t>((last ? 0 : more) | (at - v4_header) / 8));
        put16(one, 10, 0);
        word_sum sum;
        sum.add(octets_view(one).first(v4_header));
        put16(one, 10, sum.checksum());
    }
    return out;
}

fragments v6_fragments(octets_view packet, std::size_t mtu, std::uint32_t identification)
{
    constexpr std::size_t header = 8;
    bool const has_hop_by_hop = packet[6] == hop_by_hop;
    auto const kept = v6_header + (has_hop_by_hop ? (packet[v6_header + 1] + 1U) * 8U : 0);  // in every fragment
    auto const next_at = has_hop_by_hop ? v6_header : std::size_t{6};
    if (mtu < kept + header + 8) return {};
    auto const room = (mtu - kept - header) / 8 * 8;
    fragments out;
    for (auto at = kept; at < packet.size(); at += room) {
        auto const part = packet.subspan(at, std::min(room, packet.size() - at));
        auto& one = out.emplace_back(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(kept));
        one.resize(kept + header);
        bool const last = at + part.size() == packet.size();
        one[kept] = one[next_at];
        one[next_at] = fragment_header;
        put16(one, kept + 2, static_cast<std::uint16_t>((at - kept) | (last ? 0 : 1)));
        put32(one, kept + 4, identification);
        one.insert(one.end(), part.begin(), part.end());
        put16(one, 4, static_cast<std::uint16_t>(one.size() - v6_header));
    }
    return out;
}

}  // namespace

std::size_t packet_octets(trace_plan const& plan, unsigned size) noexcept
{
    auto const headers =
        plan.v4() ? v4_header
                  : v6_header + options_header(plan.hop_by_hop_size) + options_header(plan.destination_option_size);
    return headers + transport_header(plan) + size;
}

std::size_t write_transport(trace_plan const& plan, trace_packet const& what, std::span<std::uint8_t> out) noexcept
{
    auto const message = out.first(transport_header(plan) + what.size);
    write_payload(plan, message.subspan(transport_header(plan)));
    if (plan.protocol == trace_protocol::icmp)
        write_echo(plan, what.number, message);
    else if (plan.protocol == trace_protocol::udp)
        write_udp(plan, what.number, message);
    else
        write_syn(plan, what.number, message);
    return message.size();
}

std::size_t write_packet(trace_plan const& plan, trace_packet const& what, std::span<std::uint8_t> out) noexcept
{
    auto const packet = out.first(packet_octets(plan, what.size));
    auto headers = v4_header;
    if (plan.v4())
        write_v4_header(plan, what, packet);
    else
        headers = write_v6_headers(plan, what, packet);
    write_transport(plan, what, packet.subspan(headers));
    return packet.size();
}

std::vector<std::vector<std::uint8_t>> fragments_of(std::span<std::uint8_t const> packet, std::size_t mtu,
                                                    std::uint32_t identification)
{
    constexpr std::size_t least_mtu = 68;  // RFC 791
    if (mtu < least_mtu) return {};
    return packet[0] >> 4 == 4 ? v4_fragments(packet, mtu) : v6_fragments(packet, mtu, identification);
}

}  // namespace tp::probe
