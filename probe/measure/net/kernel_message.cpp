#include "probe/measure/net/kernel_message.hpp"

// clang-format off: linux/errqueue.h needs the others
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
// clang-format on

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "probe/measure/socket_address.hpp"

namespace tp::probe {
namespace {

// Octets for what comes along: stamps (48 + 16 octets), TTL, TOS, destination, an error with its offender.
constexpr std::size_t control_room = 512;

template <class T>
T read_as(cmsghdr const& header)
{
    T value{};
    auto const there = header.cmsg_len - CMSG_LEN(0);
    std::memcpy(&value, CMSG_DATA(&header), std::min<std::size_t>(sizeof value, there));
    return value;
}

void read_time(cmsghdr const& header, ancillary& out)
{
    auto const time = read_as<timespec>(header);  // SCM_TIMESTAMPING: the first of three, which is software's
    if (time.tv_sec == 0) return;
    out.kernel = wall_time(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
}

void read_error(cmsghdr const& header, ancillary& out)
{
    auto const told = read_as<sock_extended_err>(header);
    out.error = {static_cast<int>(told.ee_errno),
                 static_cast<error_origin>(told.ee_origin),
                 told.ee_type,
                 told.ee_code,
                 told.ee_info,
                 told.ee_data};
    if (header.cmsg_len < CMSG_LEN(sizeof told + sizeof(sockaddr_in))) return;
    sockaddr_storage offender{};
    auto const length = header.cmsg_len - CMSG_LEN(sizeof told);
    std::memcpy(&offender, CMSG_DATA(&header) + sizeof told, std::min<std::size_t>(length, sizeof offender));
    if (auto const address = from_kernel(offender)) out.offender = *address;
}

void read_v4(cmsghdr const& header, ancillary& out)
{
    if (header.cmsg_type == IP_TTL) {
        out.ttl = static_cast<unsigned>(read_as<int>(header));
    } else if (header.cmsg_type == IP_TOS) {
        out.tos = read_as<std::uint8_t>(header);
    } else if (header.cmsg_type == IP_RECVERR) {
        read_error(header, out);
    } else if (header.cmsg_type == IP_PKTINFO) {
        out.destination = boost::asio::ip::address_v4(ntohl(read_as<in_pktinfo>(header).ipi_addr.s_addr));
    }
}

void read_v6(cmsghdr const& header, ancillary& out)
{
    if (header.cmsg_type == IPV6_HOPLIMIT) {
        out.ttl = static_cast<unsigned>(read_as<int>(header));
    } else if (header.cmsg_type == IPV6_TCLASS) {
        out.tos = static_cast<unsigned>(read_as<int>(header));
    } else if (header.cmsg_type == IPV6_RECVERR) {
        read_error(header, out);
    } else if (header.cmsg_type == IPV6_PKTINFO) {
        boost::asio::ip::address_v6::bytes_type octets;
        auto const told = read_as<in6_pktinfo>(header);
        std::memcpy(octets.data(), &told.ipi6_addr, octets.size());
        out.destination = boost::asio::ip::address_v6(octets);
    }
}

}  // namespace

ancillary read_ancillary(msghdr& message)
{
    ancillary out;
    for (auto* one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
        if (one->cmsg_level == SOL_IP) {
            read_v4(*one, out);
        } else if (one->cmsg_level == SOL_IPV6) {
            read_v6(*one, out);
        } else if (one->cmsg_level == SOL_SOCKET &&
                   (one->cmsg_type == SCM_TIMESTAMPING || one->cmsg_type == SCM_TIMESTAMPNS)) {
            read_time(*one, out);
        }
    }
    return out;
}

bool kernel_message::nothing() const noexcept
{
    return failed.category() == boost::system::system_category() &&
           (failed.value() == EAGAIN || failed.value() == EWOULDBLOCK);
}

kernel_message receive_message(int fd, std::span<std::uint8_t> buffer, int flags)
{
    alignas(cmsghdr) std::array<char, control_room> control;
    kernel_message out;
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_name = &out.from;
    message.msg_namelen = sizeof out.from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto const length = ::recvmsg(fd, &message, flags | MSG_DONTWAIT);
    if (length < 0) {
        out.failed = error_code(errno, boost::system::system_category());
        return out;
    }
    out.length = static_cast<std::size_t>(length);
    out.truncated = (message.msg_flags & MSG_TRUNC) != 0;
    out.with = read_ancillary(message);
    return out;
}

}  // namespace tp::probe
