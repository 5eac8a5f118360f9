#include "probe/measure/ntp/socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/owned_fd.hpp"
#include "probe/measure/net/kernel_message.hpp"
#include "probe/measure/net/stamping.hpp"
#include "probe/measure/ping/echo.hpp"
#include "probe/measure/socket_address.hpp"

namespace tp::probe {
namespace {

constexpr std::size_t largest_answer = 1024;  // octets that are read: a header, and extension fields that are not

}  // namespace

result<ntp_socket> ntp_socket::open(boost::asio::any_io_executor executor, ip_address const& server)
{
    bool const v4 = server.is_v4();
    int const fd = ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return last_error();
    ntp_socket out(std::move(executor), fd, v4);
    constexpr int on = 1;
    ::setsockopt(fd, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &on, sizeof on);
    stamp_packets(fd);
    auto const to = to_kernel(server, ntp_port);
    socket_address own;
    own.length = sizeof own.storage;
    if (::connect(fd, to.get(), to.length) != 0 || ::getsockname(fd, own.get(), &own.length) != 0) return last_error();
    auto const source = from_kernel(own.storage);
    if (!source) return source.error();
    out.source_ = *source;
    return out;
}

result<void> ntp_socket::send(ntp_octets const& request)
{
    int const fd = descriptor_.native_handle();
    auto sent = ::send(fd, request.data(), request.size(), MSG_DONTWAIT);
    // An ICMP error for an earlier packet is told once to whoever calls next.
    if (sent < 0) sent = ::send(fd, request.data(), request.size(), MSG_DONTWAIT);
    if (sent < 0) return last_error();
    return {};
}

void ntp_socket::drain(listener& to)
{
    read_error_queue(to);
    std::array<std::uint8_t, largest_answer> buffer;
    for (int i = 0; i < most_at_once; ++i) {
        auto const got = receive_message(descriptor_.native_handle(), buffer);
        if (got.nothing()) return;
        if (got.failed) continue;  // an ICMP error, which the error queue has told
        auto const user = std::chrono::steady_clock::now();
        auto const wall = wall_now();
        to.on_packet({buffer.data(), got.length}, stamp_of_receipt(user, wall, got.with.kernel), wall);
    }
}

void ntp_socket::read_error_queue(listener& to)
{
    std::array<std::uint8_t, ntp_header_size> quoted;
    for (int i = 0; i < most_at_once; ++i) {
        auto const got = receive_message(descriptor_.native_handle(), quoted, MSG_ERRQUEUE);
        if (got.failed) return;
        auto const error = got.with.error.value_or(queued_error{});
        if (error.origin == error_origin::time_stamp && got.with.kernel) to.on_sent(*got.with.kernel);
        if (error.origin == error_origin::icmp || error.origin == error_origin::icmp6)
            to.on_error(v4_ ? v4_error(error.type, error.code) : v6_error(error.type, error.code));
    }
}

}  // namespace tp::probe
