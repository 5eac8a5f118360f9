#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"

namespace tp::probe {

/// Who put an entry into a socket's error queue. Values: linux/errqueue.h, SO_EE_ORIGIN_*.
enum class error_origin : std::uint8_t { none = 0, local = 1, icmp = 2, icmp6 = 3, time_stamp = 4 };

/// An entry of a socket's error queue: `sock_extended_err` of linux/errqueue.h.
struct queued_error {
    int number = 0;  // errno
    error_origin origin = error_origin::none;
    unsigned type = 0, code = 0;  // of the ICMP message
    std::uint32_t info = 0;       // the MTU of "fragmentation needed" and "packet too big"
    std::uint32_t data = 0;       // key of a time stamp; IP_RECVERR_RFC4884: length of the original datagram, flags
    bool operator==(queued_error const&) const = default;
};

/// What the kernel told beside a packet, as far as the socket asked for it.
struct ancillary {
    std::optional<wall_time> kernel;        // its stamp: of receipt; on the error queue, of what `error` says
    std::optional<unsigned> ttl;            // or hop limit: IP_RECVTTL, IPV6_RECVHOPLIMIT
    std::optional<unsigned> tos;            // or traffic class: IP_RECVTOS, IPV6_RECVTCLASS
    std::optional<ip_address> destination;  // the packet's: IP_PKTINFO, IPV6_RECVPKTINFO
    std::optional<queued_error> error;      // IP_RECVERR, IPV6_RECVERR, and time stamps of sending
    std::optional<ip_address> offender;     // the sender of the ICMP error
};

struct kernel_message {
    error_code failed;        // of recvmsg(2); then nothing else is set
    std::size_t length = 0;   // octets in the buffer
    bool truncated = false;   // the packet was longer than the buffer
    sockaddr_storage from{};  // error queue: where the packet that met the error was going to
    ancillary with;

    /// Nothing waits. Any other failure is an error that was queued for the socket: what follows is still to be read.
    bool nothing() const noexcept;
};

/// What a received message's control octets hold.
ancillary read_ancillary(msghdr& message);

/// One recvmsg(2) that never blocks. @param flags  MSG_ERRQUEUE, or 0.
kernel_message receive_message(int fd, std::span<std::uint8_t> buffer, int flags = 0);

}  // namespace tp::probe
