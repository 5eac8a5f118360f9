#include "probe/measure/ping/echo.hpp"

#include <algorithm>
#include <array>

namespace tp::probe {
namespace {

constexpr std::size_t least_v4_header = 20, v6_header = 40;
constexpr std::uint8_t icmp_protocol = 1, icmpv6_protocol = 58;

// RFC 792
constexpr std::uint8_t v4_reply = 0, v4_unreachable = 3, v4_request = 8, v4_time_exceeded = 11, v4_parameter = 12;
// RFC 4443
constexpr std::uint8_t v6_unreachable = 1, v6_too_big = 2, v6_time_exceeded = 3, v6_parameter = 4, v6_request = 128,
                       v6_reply = 129;

std::uint16_t get16(octets_view octets, std::size_t at) noexcept
{
    return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}

void put16(std::span<std::uint8_t> octets, std::size_t at, std::uint16_t value) noexcept
{
    octets[at] = static_cast<std::uint8_t>(value >> 8);
    octets[at + 1] = static_cast<std::uint8_t>(value);
}

echo_answer echo_fields(octets_view message)
{
    echo_answer out;
    out.identifier = get16(message, 4);
    out.sequence = get16(message, 6);
    out.payload = message.subspan(echo_head);
    return out;
}

/// The length of a valid IPv4 header of an ICMP packet that is no later fragment, or 0.
std::size_t v4_header_of_icmp(octets_view packet) noexcept
{
    if (packet.size() < least_v4_header || packet[0] >> 4 != 4 || packet[9] != icmp_protocol) return 0;
    bool const later_fragment = (get16(packet, 6) & 0x1fff) != 0;
    std::size_t const length = (packet[0] & 15U) * 4U;
    if (later_fragment || length < least_v4_header || packet.size() < length) return 0;
    return length;
}

/// The echo request that an ICMPv4 error quotes behind its own eight octets. Its checksum cannot be checked: it may be
/// cut.
std::optional<echo_answer> quoted_by_v4(octets_view message)
{
    auto const quote = message.subspan(echo_head);
    auto const header = v4_header_of_icmp(quote);
    if (header == 0 || quote.size() < header + echo_head || quote[header] != v4_request) return std::nullopt;
    auto out = echo_fields(quote.subspan(header));
    out.quoted_destination = boost::asio::ip::address_v4({quote[16], quote[17], quote[18], quote[19]});
    out.error = v4_error(message[0], message[1]);
    return out;
}

std::optional<echo_answer> quoted_by_v6(octets_view message)
{
    auto quote = message.subspan(echo_head);
    if (quote.size() < v6_header || quote[0] >> 4 != 6) return std::nullopt;
    boost::asio::ip::address_v6::bytes_type to;
    std::copy_n(quote.begin() + 24, to.size(), to.begin());
    auto next = quote[6];
    quote = quote.subspan(v6_header);
    constexpr std::uint8_t fragment_header = 44;
    if (next == fragment_header && quote.size() >= 8) {
        if ((get16(quote, 2) & 0xfff8) != 0) return std::nullopt;
        next = quote[0];
        quote = quote.subspan(8);
    }
    if (next != icmpv6_protocol || quote.size() < echo_head || quote[0] != v6_request) return std::nullopt;
    auto out = echo_fields(quote);
    out.quoted_destination = boost::asio::ip::address_v6(to);
    out.error = v6_error(message[0], message[1]);
    return out;
}

}  // namespace

std::uint16_t internet_checksum(octets_view message) noexcept
{
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < message.size(); i += 2) sum += get16(message, i);
    if (message.size() % 2 != 0) sum += static_cast<std::uint32_t>(message.back()) << 8;
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

void write_echo_request(proto::family af, std::uint16_t identifier, std::uint16_t sequence,
                        std::span<std::uint8_t> message) noexcept
{
    message[0] = af == proto::family::v4 ? v4_request : v6_request;
    message[1] = 0;
    put16(message, 2, 0);
    put16(message, 4, identifier);
    put16(message, 6, sequence);
    if (af == proto::family::v4) put16(message, 2, internet_checksum(message));
}

std::optional<echo_answer> read_v4_packet(octets_view packet)
{
    auto const header = v4_header_of_icmp(packet);
    if (header == 0) return std::nullopt;
    return read_v4_message(packet.subspan(header));
}

std::optional<echo_answer> read_v4_message(octets_view message)
{
    if (message.size() < echo_head || internet_checksum(message) != 0) return std::nullopt;
    auto const type = message[0];
    if (type == v4_unreachable || type == v4_time_exceeded || type == v4_parameter) return quoted_by_v4(message);
    if (type != v4_reply || message[1] != 0) return std::nullopt;
    auto out = echo_fields(message);
    out.reply = true;
    return out;
}

std::optional<echo_answer> read_v6_message(octets_view message)
{
    if (message.size() < echo_head) return std::nullopt;
    auto const type = message[0];
    if (type >= v6_unreachable && type <= v6_parameter) return quoted_by_v6(message);
    if (type != v6_reply || message[1] != 0) return std::nullopt;
    auto out = echo_fields(message);
    out.reply = true;
    return out;
}

std::string v4_error(unsigned type, unsigned code)
{
    constexpr std::array<char const*, 16> unreachable{
        "network unreachable",      "host unreachable",    "protocol unreachable",      "port unreachable",
        "packet too big",           "source route failed", "network unknown",           "host unknown",
        "source host isolated",     "admin prohibited",    "admin prohibited",          "network unreachable for tos",
        "host unreachable for tos", "admin prohibited",    "host precedence violation", "precedence cutoff"};
    if (type == v4_unreachable && code < unreachable.size()) return unreachable[code];
    if (type == v4_time_exceeded) return code == 0 ? "ttl exceeded" : "reassembly time exceeded";
    if (type == v4_parameter) return "parameter problem";
    return "icmp error " + std::to_string(type) + "/" + std::to_string(code);
}

std::string v6_error(unsigned type, unsigned code)
{
    constexpr std::array<char const*, 7> unreachable{
        "network unreachable", "admin prohibited", "beyond scope of source", "host unreachable",
        "port unreachable",    "admin prohibited", "admin prohibited"};  // 5: source policy, 6: reject route
    if (type == v6_unreachable && code < unreachable.size()) return unreachable[code];
    if (type == v6_too_big) return "packet too big";
    if (type == v6_time_exceeded) return code == 0 ? "ttl exceeded" : "reassembly time exceeded";
    if (type == v6_parameter) return "parameter problem";
    return "icmp error " + std::to_string(type) + "/" + std::to_string(code);
}

}  // namespace tp::probe
