#include "probe/measure/traceroute/filters.hpp"

#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "probe/measure/net/echo_filter.hpp"
#include "probe/measure/traceroute/plan.hpp"

namespace tp::probe {
namespace {

// Instructions of classic BPF, Linux's Documentation/networking/filter.rst. Jumps count the instructions to skip.
// A load behind the packet's end drops the packet.
constexpr std::uint32_t everything = 0xffffffff, nothing = 0;
constexpr std::uint8_t drop_next = 1;

constexpr sock_filter statement(std::uint16_t code, std::uint32_t value)
{
    return {code, 0, 0, value};
}
constexpr sock_filter jump(std::uint16_t test, std::uint32_t value, std::uint8_t yes, std::uint8_t no)
{
    return {static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), yes, no, value};
}
constexpr sock_filter load8(std::uint32_t at)
{
    return statement(BPF_LD | BPF_B | BPF_ABS, at);
}
constexpr sock_filter load16(std::uint32_t at)
{
    return statement(BPF_LD | BPF_H | BPF_ABS, at);
}
constexpr sock_filter load8_x(std::uint32_t at)
{
    return statement(BPF_LD | BPF_B | BPF_IND, at);
}
constexpr sock_filter load16_x(std::uint32_t at)
{
    return statement(BPF_LD | BPF_H | BPF_IND, at);
}
constexpr sock_filter accept()
{
    return statement(BPF_RET | BPF_K, everything);
}
constexpr sock_filter drop()
{
    return statement(BPF_RET | BPF_K, nothing);
}
/// X becomes the length of the IPv4 header that the packet begins with.
constexpr sock_filter v4_header_to_x()
{
    return statement(BPF_LDX | BPF_B | BPF_MSH, 0);
}

constexpr std::uint8_t icmp_protocol = 1, tcp_protocol = 6, udp_protocol = 17, icmpv6_protocol = 58;

template <std::size_t N>
result<void> attach(int fd, std::array<sock_filter, N> program)
{
    sock_fprog const told{static_cast<unsigned short>(program.size()), program.data()};
    if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &told, sizeof told) != 0)
        return error_code(errno, boost::system::system_category());
    return {};
}

/// The packet begins with its IP header.
result<void> filter_icmp_v4(int fd)
{
    constexpr std::uint32_t inner = 8;  // where the quoted packet begins behind X
    return attach(fd, std::array{
                          v4_header_to_x(),
                          load8_x(0),
                          jump(BPF_JEQ, ICMP_ECHOREPLY, 14, 0),      // 2 -> 17
                          jump(BPF_JEQ, ICMP_DEST_UNREACH, 2, 0),    // 3 -> 6
                          jump(BPF_JEQ, ICMP_TIME_EXCEEDED, 1, 0),   // 4 -> 6
                          jump(BPF_JEQ, ICMP_PARAMETERPROB, 0, 18),  // 5 -> 6 or 24
                          load8_x(inner + 9),                        // 6: the quoted protocol
                          statement(BPF_ST, 0),
                          load8_x(inner),  // 8: X += length of the quoted header
                          statement(BPF_ALU | BPF_AND | BPF_K, 15),
                          statement(BPF_ALU | BPF_LSH | BPF_K, 2),
                          statement(BPF_ALU | BPF_ADD | BPF_X, 0),
                          statement(BPF_MISC | BPF_TAX, 0),
                          statement(BPF_LD | BPF_MEM, 0),                   // 13
                          jump(BPF_JEQ, icmp_protocol, 4, 0),               // 14 -> 19
                          jump(BPF_JEQ, tcp_protocol, 5, 0),                // 15 -> 21
                          jump(BPF_JEQ, udp_protocol, 4, 7),                // 16 -> 21 or 24
                          load16_x(4),                                      // 17: the identifier of the reply
                          jump(BPF_JSET, traceroute_identifier_bit, 6, 5),  // 18 -> 25 or 24
                          load16_x(inner + 4),                              // 19: of the quoted request
                          jump(BPF_JSET, traceroute_identifier_bit, 4, 3),  // 20 -> 25 or 24
                          load16_x(inner),                                  // 21: the quoted source port
                          jump(BPF_JGE, first_trace_port, 0, 1),            // 22 -> 23 or 24
                          jump(BPF_JGE, end_of_trace_ports, 0, 1),          // 23 -> 24 or 25
                          drop(),                                           // 24
                          accept(),                                         // 25
                      });
}

/// The packet begins with the ICMPv6 head. What is quoted with headers between is left to the parser.
result<void> filter_icmp_v6(int fd)
{
    constexpr std::uint32_t inner = 8, behind = inner + 40;
    return attach(fd, std::array{
                          load8(0), jump(BPF_JEQ, ICMP6_ECHO_REPLY, 5, 0),  // 1 -> 7
                          load8(inner + 6),                                 // 2: the quoted next header
                          jump(BPF_JEQ, icmpv6_protocol, 5, 0),             // 3 -> 9
                          jump(BPF_JEQ, tcp_protocol, 6, 0),                // 4 -> 11
                          jump(BPF_JEQ, udp_protocol, 5, 0),                // 5 -> 11
                          accept(),                                         // 6: further headers
                          load16(4),                                        // 7: the identifier of the reply
                          jump(BPF_JSET, traceroute_identifier_bit, 6, 5),  // 8 -> 15 or 14
                          load16(behind + 4),                               // 9: of the quoted request
                          jump(BPF_JSET, traceroute_identifier_bit, 4, 3),  // 10 -> 15 or 14
                          load16(behind),                                   // 11: the quoted source port
                          jump(BPF_JGE, first_trace_port, 0, 1),            // 12 -> 13 or 14
                          jump(BPF_JGE, end_of_trace_ports, 0, 1),          // 13 -> 14 or 15
                          drop(),                                           // 14
                          accept(),                                         // 15
                      });
}

/// So that other types of ICMP are not even copied.
void filter_types(int fd, proto::family af)
{
    if (af == proto::family::v4) {
        icmp_filter types{};
        types.data =
            ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH | 1U << ICMP_TIME_EXCEEDED | 1U << ICMP_PARAMETERPROB);
        ::setsockopt(fd, SOL_RAW, ICMP_FILTER, &types, sizeof types);
        return;
    }
    icmp6_filter types;
    ICMP6_FILTER_SETBLOCKALL(&types);
    for (int const type :
         {ICMP6_ECHO_REPLY, ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB})
        ICMP6_FILTER_SETPASS(static_cast<unsigned>(type), &types);
    ::setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof types);
}

}  // namespace

result<void> filter_icmp(int fd, proto::family af)
{
    filter_types(fd, af);
    return af == proto::family::v4 ? filter_icmp_v4(fd) : filter_icmp_v6(fd);
}

result<void> filter_ports(int fd, proto::family af)
{
    auto const load = af == proto::family::v4 ? load16_x(2) : load16(2);  // the destination port
    return attach(fd, std::array{
                          v4_header_to_x(),  // means nothing for IPv6, and does no harm
                          load,
                          jump(BPF_JGE, first_trace_port, 0, drop_next),
                          jump(BPF_JGE, end_of_trace_ports, 0, drop_next),
                          drop(),
                          accept(),
                      });
}

result<void> filter_everything(int fd)
{
    return attach(fd, std::array{drop()});
}

}  // namespace tp::probe
