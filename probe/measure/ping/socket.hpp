#pragma once

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "probe/measure/ping/echo.hpp"
#include "probe/measure/ping/run.hpp"

namespace tp::probe {

/// The one ICMP socket of a family, with kernel time stamps where the kernel gives them. A raw socket; where that is
/// not permitted a ping socket (net.ipv4.ping_group_range), whose identifier the kernel chooses.
class echo_socket {
public:
    /// What arrives. Views are valid during the call only.
    struct listener {
        virtual ~listener() = default;
        virtual void on_answer(echo_answer const& answer, ping_run::answer const& at) = 0;
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

    static constexpr int most_at_once = 256;

private:
    echo_socket(boost::asio::any_io_executor executor, int fd, proto::family af, bool raw);
    void set_options();
    void stamp_from_zero();
    bool receive(listener& to);
    bool receive_from_error_queue(listener& to);

    boost::asio::posix::stream_descriptor descriptor_;
    proto::family af_;
    bool raw_;
    std::uint32_t next_key_ = 0;
    std::array<std::uint8_t, 4096> buffer_;  // larger than any reply to a request of ours
};

}  // namespace tp::probe
