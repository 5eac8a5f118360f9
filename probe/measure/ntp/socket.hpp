#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "probe/measure/ntp/run.hpp"

namespace tp::probe {

inline constexpr unsigned short ntp_port = 123;

/// A UDP socket of one run: connected to the server, so that the kernel drops what others send, from a port that the
/// kernel draws anew each time (RFC 9109), with stamps by the kernel where it gives them.
class ntp_socket {
public:
    /// Errors: those of socket(2) and connect(2).
    static result<ntp_socket> open(boost::asio::any_io_executor executor, ip_address const& server);

    /// Errors: those of send(2).
    result<void> send(ntp_octets const& request);

    struct listener {
        virtual ~listener() = default;
        virtual void on_sent(wall_time when) = 0;
        virtual void on_packet(std::span<std::uint8_t const> octets, stamp const& at, wall_time wall) = 0;
        virtual void on_error(std::string words) = 0;
    };
    /// Hands what waits to the listener, `most_at_once` messages at most.
    void drain(listener& to);

    ip_address const& source() const noexcept { return source_; }
    boost::asio::posix::stream_descriptor& descriptor() noexcept { return descriptor_; }

    static constexpr int most_at_once = 64;

private:
    ntp_socket(boost::asio::any_io_executor executor, int fd, bool v4) : descriptor_(std::move(executor), fd), v4_(v4)
    {
    }
    void read_error_queue(listener& to);

    boost::asio::posix::stream_descriptor descriptor_;
    bool v4_;
    ip_address source_;
};

}  // namespace tp::probe
