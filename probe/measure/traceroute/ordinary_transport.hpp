#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <unordered_map>
#include <vector>

#include "probe/measure/net/kernel_message.hpp"
#include "probe/measure/net/owned_socket.hpp"
#include "probe/measure/traceroute/transport.hpp"

namespace tp::probe {

/// Traceroute without privileges: a socket of its own for each run, whose error queue tells of ICMP errors. The kernel
/// writes the headers, so that some things are its choice: echo identifiers, TCP flags and sequence numbers (a SYN
/// without payload, by connect(2)), IPv6 flow label 0. It cannot do: IPv6 options headers. Source: laboratory notes,
/// section 5.
class ordinary_transport final : public trace_transport {
public:
    static constexpr unsigned most_in_row = 64;  // messages read from one queue before the next one has its turn
    static constexpr unsigned most_rounds = 8;   // such turns of all sockets before others of this process have theirs

    /// Errors: those of epoll_create(2).
    static result<std::unique_ptr<trace_transport>> open(boost::asio::any_io_executor executor, proto::family af);

    std::optional<proto::failure> begin(run_number run, trace_plan& plan, proto::traceroute_options& options) override;
    void end(run_number run) override { flows_.erase(run); }
    unsigned window(trace_plan const& plan) const noexcept override;
    bool unprivileged() const noexcept override { return true; }
    result<void> send(run_number run, trace_plan const& plan, trace_packet const& what) override;
    void drain(listener& to) override;
    boost::asio::awaitable<void> receive(listener& to) override;

private:
    /// A run's socket. For TCP it is that of the packet sent last.
    struct flow {
        owned_socket socket;
        trace_plan const* plan = nullptr;
        std::vector<std::uint16_t> keys;                               // number of the packet of each time stamp
        std::vector<std::pair<std::uint16_t, std::uint16_t>> fillers;  // what a UDP payload begins with -> number
        unsigned tcp_number = 0;
        int connected = 0;  // TCP: how connect(2) ended, if it ended at once; EINPROGRESS: it has not
    };

    ordinary_transport(boost::asio::any_io_executor executor, int poller, proto::family af)
        : poller_(std::move(executor), poller), af_(af)
    {
    }
    result<void> open_datagrams(flow& of, trace_plan& plan);
    void set_options(int fd, bool dont_fragment) const;
    result<void> watch(int fd, run_number run);
    result<void> send_datagram(flow& by, trace_plan const& plan, trace_packet const& what);
    result<void> connect(run_number run, flow& by, trace_plan const& plan, trace_packet const& what);

    void drain(run_number run, listener& to);
    bool drain(run_number run, flow& from, listener& to);
    bool read_error(run_number run, flow& from, listener& to);
    bool read_reply(run_number run, flow& from, listener& to);
    void end_connect(run_number run, flow& from, listener& to);
    std::optional<trace_answer> error_answer(flow const& from, kernel_message const& got) const;
    void describe_quote(flow const& from, kernel_message const& got, trace_quote& out) const;

    boost::asio::posix::stream_descriptor poller_;  // an epoll descriptor: one for all flows
    proto::family af_;
    std::unordered_map<run_number, flow> flows_;
    std::vector<run_number> unfinished_;     // more may be waiting for them
    std::array<std::uint8_t, 6144> buffer_;  // larger than any answer to a packet of ours
};

}  // namespace tp::probe
