#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "base/ssh/keys.hpp"

namespace tp::ssh {

/// One SSH connection with its one subsystem channel: frames in, frames out. A frame is a length (32 bits, big endian)
/// and that many octets. Used from the thread of its io_context only. Reading and writing may happen at the same time,
/// each by one coroutine at a time (several may write: each frame stays whole).
class channel {
public:
    virtual ~channel() = default;

    /// The next frame. Errors: errc::closed when the peer ended in good order; errc::too_large for a frame beyond
    /// limits::largest_frame (nothing more can be read then, but still be written); errc::timed_out (stall);
    /// errc::unavailable when the connection broke.
    virtual boost::asio::awaitable<result<std::string>> read() = 0;

    /// Queues a frame, and waits while more than limits::queued octets wait before it. Errors: as read().
    virtual boost::asio::awaitable<result<void>> write(std::string frame) = 0;

    /// Waits while more than `most` octets wait to be sent: for who has much to say, and does not want to have it lie
    /// here. Errors: as read().
    virtual boost::asio::awaitable<result<void>> settled(std::size_t most) = 0;

    /// Ends the connection in good order: what is queued is still sent, for limits::closing at most. Later reads and
    /// writes fail with errc::closed. Never blocks; may be called twice.
    virtual void close() = 0;

    /// Ends the connection at once.
    virtual void abort() = 0;

    /// The peer is somebody whom we know: from now on it does not count among the strangers of its address (servers).
    virtual void vouch() = 0;

    /// Who is at the other end: the key it proved to hold (on the server: the client's; on the client: the host's).
    virtual public_key const& peer() const = 0;
    virtual ip_address address() const = 0;
    /// The shortest round trip to the other end that the kernel has seen on this connection (tcp(7), TCP_INFO); nothing
    /// if it cannot tell.
    virtual std::optional<std::chrono::microseconds> round_trip() const = 0;
    /// The subsystem that was asked for, and the user name given (servers only).
    virtual std::string const& subsystem() const = 0;
    virtual std::string const& user() const = 0;
};

}  // namespace tp::ssh
