#include "probe/measure/net/echo_filter.hpp"

#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

namespace tp::probe {
namespace {

void drop_other_types(int fd, proto::family af)
{
    if (af == proto::family::v4) {
        icmp_filter filter{};
        filter.data =
            ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH | 1U << ICMP_TIME_EXCEEDED | 1U << ICMP_PARAMETERPROB);
        ::setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
        return;
    }
    icmp6_filter filter;
    ICMP6_FILTER_SETBLOCKALL(&filter);
    for (int const type :
         {ICMP6_ECHO_REPLY, ICMP6_DST_UNREACH, ICMP6_PACKET_TOO_BIG, ICMP6_TIME_EXCEEDED, ICMP6_PARAM_PROB})
        ICMP6_FILTER_SETPASS(static_cast<unsigned>(type), &filter);
    ::setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
}

constexpr sock_filter line(int code, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0)
{
    return {static_cast<std::uint16_t>(code), if_true, if_false, value};
}

template <std::size_t N>
void attach(int fd, std::array<sock_filter, N> program)
{
    sock_fprog const filter{N, program.data()};
    ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

}  // namespace

void keep_no_icmp(int fd, proto::family af)
{
    if (af == proto::family::v4) {
        icmp_filter filter{};
        filter.data = ~0U;
        ::setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
    } else {
        icmp6_filter filter;
        ICMP6_FILTER_SETBLOCKALL(&filter);
        ::setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
    }
    attach(fd, std::array{line(BPF_RET | BPF_K, 0)});  // types that the filter above has no bit for
}

void keep_own_icmp(int fd, proto::family af)
{
    drop_other_types(fd, af);
    bool const v4 = af == proto::family::v4;
    constexpr std::uint32_t identifier_at = 4, all = 0xffffffff, none = 0;
    auto const reply = v4 ? std::uint32_t{ICMP_ECHOREPLY} : std::uint32_t{ICMP6_ECHO_REPLY};
    // Raw sockets see IPv4 packets with their header, whose length X is, and ICMPv6 messages without.
    attach(fd, std::array{
                   v4 ? line(BPF_LDX | BPF_B | BPF_MSH, 0) : line(BPF_LDX | BPF_W | BPF_IMM, 0),
                   line(BPF_LD | BPF_B | BPF_IND, 0),  // the type
                   line(BPF_JMP | BPF_JEQ | BPF_K, reply, 0, 2),
                   line(BPF_LD | BPF_H | BPF_IND, identifier_at),
                   line(BPF_JMP | BPF_JSET | BPF_K, traceroute_identifier_bit, 1, 0),
                   line(BPF_RET | BPF_K, all),
                   line(BPF_RET | BPF_K, none),
               });
}

}  // namespace tp::probe
