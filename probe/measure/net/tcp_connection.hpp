#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "probe/guard/guard.hpp"
#include "probe/measure/engine.hpp"

namespace tp::probe {

/// Packets that carry so many octets over TCP, and their octets with IP and TCP headers: an estimate, for segments of
/// the usual size. No octets: one packet, such as a SYN.
struct stream_cost {
    std::size_t packets = 0, octets = 0;
};
stream_cost cost_of_stream(std::size_t octets, bool v4) noexcept;

/// One TCP connection that a measurement makes. It asks the guard about the address before the first packet and before
/// each write, and for leave before each read, and counts the traffic. One operation at a time. Used from one thread.
class tcp_connection {
public:
    static constexpr std::chrono::seconds longest_hold{60};  // that the guard may delay the first packet
    static constexpr std::size_t largest_read = 16 * 1024;   // octets
    /// Octets that the kernel takes in before anybody reads them. A peer that sends more is held up, and so feels the
    /// guard; the usual buffer grows to megabytes. HTTP goes to anchors only, and for bodies that are worth a window.
    static constexpr int kernel_buffer = 16 * 1024, kernel_buffer_for_http = 128 * 1024;

    /// @param asked  must outlive this.
    tcp_connection(boost::asio::any_io_executor executor, guard& asked, proto::result_kind kind);
    tcp_connection(tcp_connection const&) = delete;
    tcp_connection& operator=(tcp_connection const&) = delete;
    ~tcp_connection();

    /// Waits until the guard lets the first packet go; connect() does it itself where it was not done. Errors: as
    /// there.
    boost::asio::awaitable<result<void>> wait_for_leave(ip_address to);
    /// @param limit  from the moment at which the guard let the first packet go.
    /// Errors: errc::rejected when the guard refuses, see refusal(); errc::unavailable when it held us for too long;
    /// errc::timed_out; else the kernel's, from socket(2) or connect(2).
    boost::asio::awaitable<result<void>> connect(ip_address to, std::uint16_t port, steady_time::clock::duration limit);
    /// Writes all of it. It must stay valid until then.
    /// Errors: those of the guard as above; errc::timed_out; else the kernel's.
    boost::asio::awaitable<result<void>> write(std::string_view octets, steady_time deadline);
    /// The next octets, at least one, largest_read at most. They lie in a buffer that all connections share: take what
    /// is needed of them before the next co_await. Errors: errc::closed at the end of the stream; those of the guard as
    /// above; errc::timed_out; else the kernel's.
    boost::asio::awaitable<result<std::string_view>> read(steady_time deadline);

    /// When the first packet went, by both clocks. None before.
    std::optional<steady_time> const& began() const noexcept { return began_; }
    std::optional<wall_time> const& began_at() const noexcept { return began_at_; }
    /// Until connect(2) was done, by this process's clock.
    std::optional<std::chrono::nanoseconds> const& connect_time() const noexcept { return connect_time_; }
    /// Our end of it, once connected.
    std::optional<ip_address> const& source() const noexcept { return source_; }
    /// What the guard said last, when it was no.
    std::optional<verdict> const& refusal() const noexcept { return refusal_; }
    traffic const& cost() const noexcept { return cost_; }

private:
    struct core;

    boost::asio::awaitable<result<void>> ask(std::size_t octets, steady_time deadline);
    boost::asio::awaitable<result<void>> ask_to_read(steady_time deadline);
    boost::asio::awaitable<result<void>> heed(verdict no, steady_time deadline);
    void sent(std::size_t octets);
    void received(std::size_t octets);

    std::shared_ptr<core> core_;  // shared with the timer's handler, which can run late
    guard& guard_;
    proto::result_kind kind_;
    ip_address to_;
    std::optional<steady_time> began_;
    std::optional<wall_time> began_at_;
    std::optional<std::chrono::nanoseconds> connect_time_;
    std::optional<ip_address> source_;
    std::optional<verdict> refusal_;
    bool may_leave_ = false;  // the first packet; it is paid for
    traffic cost_;
};

/// Why a connection could not be made, in Atlas's words: "connect: timeout", "connect: Connection refused".
proto::failure connect_failure(tcp_connection const& connection, error_code why);

}  // namespace tp::probe
