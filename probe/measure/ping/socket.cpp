#include "probe/measure/ping/socket.hpp"

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "probe/measure/net/kernel_message.hpp"
#include "probe/measure/net/stamping.hpp"
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

void echo_socket::stamp_from_zero()
{
    stamp_packets(descriptor_.native_handle());
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
    auto const got = receive_message(descriptor_.native_handle(), buffer_);
    if (got.failed) return !got.nothing();
    octets_view const octets(buffer_.data(), got.length);
    bool const v4 = af_ == proto::family::v4;
    auto const answer = !v4 ? read_v6_message(octets) : raw_ ? read_v4_packet(octets) : read_v4_message(octets);
    auto const from = from_kernel(got.from);
    if (!answer || !from) return true;
    to.on_answer(*answer, {stamp_of_receipt(got.with.kernel), *from, got.with.ttl,
                           static_cast<unsigned>(answer->payload.size())});
    return true;
}

bool echo_socket::receive_from_error_queue(listener& to)
{
    auto const got = receive_message(descriptor_.native_handle(), buffer_, MSG_ERRQUEUE);
    if (got.failed) return false;
    auto const error = got.with.error.value_or(queued_error{});
    if (error.origin == error_origin::time_stamp) {
        if (got.with.kernel) to.on_sent(error.data, *got.with.kernel);
        return true;
    }
    bool const by_icmp = error.origin == error_origin::icmp || error.origin == error_origin::icmp6;
    octets_view const quoted(buffer_.data(), got.length);
    if (!by_icmp || quoted.size() < echo_head || !got.with.offender) return true;
    echo_answer answer;
    answer.sequence = static_cast<std::uint16_t>(quoted[6] << 8 | quoted[7]);
    answer.payload = quoted.subspan(echo_head);
    if (auto const destination = from_kernel(got.from)) answer.quoted_destination = *destination;
    answer.error = af_ == proto::family::v4 ? v4_error(error.type, error.code) : v6_error(error.type, error.code);
    to.on_answer(answer, {stamp_of_receipt(got.with.kernel), *got.with.offender, {}, 0});
    return true;
}

}  // namespace tp::probe
