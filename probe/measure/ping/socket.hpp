#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "probe/measure/net/message_batch.hpp"
#include "probe/measure/net/owned_socket.hpp"
#include "probe/measure/ping/echo.hpp"
#include "probe/measure/ping/run.hpp"

namespace tp::probe {

/// ICMP of one family, with kernel time stamps where the kernel gives them: a raw socket that receives and one that
/// sends, for a stamp of sending would wake whoever waits for answers. Where raw sockets are not permitted one ping
/// socket (net.ipv4.ping_group_range) for both, whose identifier the kernel chooses.
class echo_socket {
public:
    /// What arrives. Views are valid during the call only.
    struct listener {
        virtual ~listener() = default;
        /// @param octets  of the answer's packet, with its IP header.
        virtual void on_answer(echo_answer const& answer, ping_run::answer const& at, std::size_t octets) = 0;
        /// The packet that send() gave this key left for the network at `when`.
        virtual void on_sent(std::uint32_t key, wall_time when) = 0;
    };

    /// Errors: those of socket(2): no permission for either kind, or no such family.
    static result<echo_socket> open(boost::asio::any_io_executor executor, proto::family af);

    /// Sends an echo message. The answer is the key of its time stamp.
    /// Errors: those of sendto(2); errc::unavailable when the kernel's queue is full.
    result<std::uint32_t> send(ip_address const& to, std::span<std::uint8_t const> message);

    /// Hands what waits to the listener, both queues, `most_at_once` packets of each at most.
    void drain(listener& to);

    boost::asio::posix::stream_descriptor& descriptor() noexcept { return descriptor_; }
    bool raw() const noexcept { return raw_; }
    proto::family af() const noexcept { return af_; }

    static constexpr std::size_t most_at_once = 256;

private:
    echo_socket(boost::asio::any_io_executor executor, int fd, proto::family af, bool raw);
    result<void> open_sender();
    void set_options();
    int sender() const noexcept { return sender_ ? sender_.get() : receiver_; }
    void stamp_from_zero();
    std::size_t ip_header() const noexcept;
    bool receive(listener& to);
    bool receive_from_error_queue(listener& to);
    void take_answer(std::size_t number, steady_time user, wall_time wall, listener& to);
    void take_error(std::size_t number, steady_time user, wall_time wall, listener& to);

    boost::asio::posix::stream_descriptor descriptor_;
    int receiver_;         // the same
    owned_socket sender_;  // none: the receiver sends, too
    proto::family af_;
    bool raw_;
    std::uint32_t next_key_ = 0;
    std::unique_ptr<message_batch> batch_;
};

}  // namespace tp::probe
