#include "probe/measure/ping/socket.hpp"

// clang-format off: linux/errqueue.h needs the others
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/net_tstamp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
// clang-format on

#include <cerrno>
#include <cstring>

#include "probe/measure/socket_address.hpp"

namespace tp::probe {
namespace {

constexpr int receive_buffer = 512 * 1024;  // octets; the kernel caps it at net.core.rmem_max

error_code last_error()
{
    return {errno, boost::system::system_category()};
}

void set(int fd, int level, int name, int value)
{
    // Every one of these only adds to what is known about a packet: an old kernel without it still pings.
    ::setsockopt(fd, level, name, &value, sizeof value);
}

/// What came along with a packet.
struct ancillary {
    std::optional<wall_time> kernel;
    std::optional<unsigned> ttl;
    sock_extended_err error{};
    std::optional<ip_address> offender;
};

template <class T>
T read_as(cmsghdr const& header)
{
    T value{};
    std::memcpy(&value, CMSG_DATA(&header), sizeof value);
    return value;
}

bool is_error(cmsghdr const& header)
{
    return (header.cmsg_level == SOL_IP && header.cmsg_type == IP_RECVERR) ||
           (header.cmsg_level == SOL_IPV6 && header.cmsg_type == IPV6_RECVERR);
}

bool is_ttl(cmsghdr const& header)
{
    return (header.cmsg_level == SOL_IP && header.cmsg_type == IP_TTL) ||
           (header.cmsg_level == SOL_IPV6 && header.cmsg_type == IPV6_HOPLIMIT);
}

void read_error(cmsghdr const& header, ancillary& out)
{
    out.error = read_as<sock_extended_err>(header);
    if (header.cmsg_len < CMSG_LEN(sizeof(sock_extended_err) + sizeof(sockaddr_in))) return;
    sockaddr_storage offender{};
    auto const length = header.cmsg_len - CMSG_LEN(sizeof(sock_extended_err));
    std::memcpy(&offender, CMSG_DATA(&header) + sizeof(sock_extended_err), std::min(length, sizeof offender));
    if (auto const address = from_kernel(offender)) out.offender = *address;
}

ancillary read_ancillary(msghdr& message)
{
    ancillary out;
    for (auto* one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
        if (one->cmsg_level == SOL_SOCKET && one->cmsg_type == SCM_TIMESTAMPING) {
            auto const time = read_as<timespec>(*one);  // the first of three: software
            if (time.tv_sec != 0)
                out.kernel = wall_time(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
        } else if (is_ttl(*one)) {
            out.ttl = static_cast<unsigned>(read_as<int>(*one));
        } else if (is_error(*one)) {
            read_error(*one, out);
        }
    }
    return out;
}

struct incoming {
    ssize_t length = -1;
    sockaddr_storage from{};
    ancillary with;
};

incoming receive_message(int fd, std::span<std::uint8_t> buffer, int flags)
{
    alignas(cmsghdr) std::array<char, 512> control;
    incoming out;
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &out.from;
    message.msg_namelen = sizeof out.from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    out.length = ::recvmsg(fd, &message, flags | MSG_DONTWAIT);
    if (out.length >= 0) out.with = read_ancillary(message);
    return out;
}

void filter_raw(int fd, proto::family af)
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

}  // namespace

result<echo_socket> echo_socket::open(boost::asio::any_io_executor executor, proto::family af)
{
    bool const v4 = af == proto::family::v4;
    int const family = v4 ? AF_INET : AF_INET6;
    int const protocol = v4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
    constexpr int flags = SOCK_CLOEXEC | SOCK_NONBLOCK;
    bool raw = true;
    int fd = ::socket(family, SOCK_RAW | flags, protocol);
    if (fd < 0 && (errno == EPERM || errno == EACCES)) {
        raw = false;
        fd = ::socket(family, SOCK_DGRAM | flags, protocol);
    }
    if (fd < 0) return last_error();
    echo_socket out(std::move(executor), fd, af, raw);
    out.set_options();
    return out;
}

echo_socket::echo_socket(boost::asio::any_io_executor executor, int fd, proto::family af, bool raw)
    : descriptor_(std::move(executor), fd), af_(af), raw_(raw)
{
}

void echo_socket::set_options()
{
    int const fd = descriptor_.native_handle();
    bool const v4 = af_ == proto::family::v4;
    set(fd, SOL_SOCKET, SO_RCVBUF, receive_buffer);
    set(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
    if (raw_)
        filter_raw(fd, af_);
    else
        set(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, 1);
    stamp_from_zero();
}

/// Asks for time stamps, and makes the kernel count keys from zero. TX_SCHED is the last moment before the queueing
/// discipline: measured closest to the wire on veth and never early (laboratory notes).
void echo_socket::stamp_from_zero()
{
    int const fd = descriptor_.native_handle();
    set(fd, SOL_SOCKET, SO_TIMESTAMPING, 0);
    set(fd, SOL_SOCKET, SO_TIMESTAMPING,
        SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
            SOF_TIMESTAMPING_OPT_TSONLY);
    next_key_ = 0;
}

result<std::uint32_t> echo_socket::send(ip_address const& to, std::span<std::uint8_t const> message)
{
    int const fd = descriptor_.native_handle();
    auto const target = to_kernel(to);
    auto sent = ::sendto(fd, message.data(), message.size(), MSG_DONTWAIT, target.get(), target.length);
    // An ICMP error for an earlier packet is told once to whoever calls next.
    if (sent < 0 && !raw_)
        sent = ::sendto(fd, message.data(), message.size(), MSG_DONTWAIT, target.get(), target.length);
    if (sent >= 0) return next_key_++;
    auto const failed = errno == EAGAIN ? make_error_code(errc::unavailable) : last_error();
    stamp_from_zero();  // kernels differ in whether a failed packet counts
    return failed;
}

void echo_socket::drain(listener& to)
{
    for (int i = 0; i < most_at_once && receive_from_error_queue(to); ++i) {
    }
    for (int i = 0; i < most_at_once && receive(to); ++i) {
    }
}

bool echo_socket::receive(listener& to)
{
    auto const got = receive_message(descriptor_.native_handle(), buffer_, 0);
    auto const now = std::chrono::steady_clock::now();
    // Anything but "nothing there" is an error that was queued for the socket; what follows it is still to be read.
    if (got.length < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
    octets_view const octets(buffer_.data(), static_cast<std::size_t>(got.length));
    bool const v4 = af_ == proto::family::v4;
    auto const answer = !v4 ? read_v6_message(octets) : raw_ ? read_v4_packet(octets) : read_v4_message(octets);
    auto const from = from_kernel(got.from);
    if (!answer || !from) return true;
    to.on_answer(*answer, {{now, got.with.kernel}, *from, got.with.ttl, static_cast<unsigned>(answer->payload.size())});
    return true;
}

bool echo_socket::receive_from_error_queue(listener& to)
{
    auto const got = receive_message(descriptor_.native_handle(), buffer_, MSG_ERRQUEUE);
    auto const now = std::chrono::steady_clock::now();
    if (got.length < 0) return false;
    auto const& error = got.with.error;
    if (error.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
        if (got.with.kernel) to.on_sent(error.ee_data, *got.with.kernel);
        return true;
    }
    bool const by_icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
    octets_view const quoted(buffer_.data(), static_cast<std::size_t>(got.length));
    if (!by_icmp || quoted.size() < echo_head || !got.with.offender) return true;
    echo_answer answer;
    answer.sequence = static_cast<std::uint16_t>(quoted[6] << 8 | quoted[7]);
    answer.payload = quoted.subspan(echo_head);
    if (auto const destination = from_kernel(got.from)) answer.quoted_destination = *destination;
    answer.error =
        af_ == proto::family::v4 ? v4_error(error.ee_type, error.ee_code) : v6_error(error.ee_type, error.ee_code);
    to.on_answer(answer, {{now, got.with.kernel}, *got.with.offender, {}, 0});
    return true;
}

}  // namespace tp::probe
