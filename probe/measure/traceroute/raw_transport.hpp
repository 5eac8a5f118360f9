#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <span>
#include <vector>

#include "probe/measure/net/owned_socket.hpp"
#include "probe/measure/traceroute/transport.hpp"

namespace tp::probe {

/// Raw sockets of one family: one that sends packets with IP headers of our own, and one for each protocol that answers
/// come by. Opened before privileges are dropped; none is needed afterwards.
class raw_transport final : public trace_transport {
public:
    /// Errors: those of socket(2): no permission, or no such family.
    static result<std::unique_ptr<trace_transport>> open(boost::asio::any_io_executor executor, proto::family af);

    std::optional<proto::failure> begin(run_number, trace_plan&, proto::traceroute_options&) override { return {}; }
    void end(run_number) override {}
    unsigned window(trace_plan const& plan) const noexcept override;
    bool unprivileged() const noexcept override { return false; }
    result<void> send(run_number run, trace_plan const& plan, trace_packet const& what) override;
    void drain(listener& to) override;
    boost::asio::awaitable<void> receive(listener& to) override;

    static constexpr int most_at_once = 256;  // packets read from a queue before others have their turn

private:
    using descriptor = boost::asio::posix::stream_descriptor;
    struct stamped {
        std::uint32_t key = 0;
        run_number run = 0;
        std::uint16_t number = 0;
        bool used = false;
    };

    raw_transport(boost::asio::any_io_executor executor, proto::family af) : executor_(std::move(executor)), af_(af) {}
    result<void> open_sender();
    result<void> open_receiver(proto::trace_protocol protocol);
    result<void> send_in_fragments(trace_plan const& plan, std::span<std::uint8_t const> packet);
    result<void> send_octets(trace_plan const& plan, std::span<std::uint8_t const> packet);
    bool read_stamp(listener& to);
    bool read_answer(proto::trace_protocol protocol, listener& to);
    void drain_stamps(listener& to);
    void drain_answers(proto::trace_protocol protocol, listener& to);
    boost::asio::awaitable<void> receive_answers(proto::trace_protocol protocol, listener& to);
    descriptor& receiver(proto::trace_protocol protocol) noexcept
    {
        return receivers_[static_cast<std::size_t>(protocol) - 1];
    }

    boost::asio::any_io_executor executor_;
    proto::family af_;
    owned_socket sender_;                // no descriptor of the event loop: each stamp would wake it
    std::vector<descriptor> receivers_;  // in the order of proto::trace_protocol
    static constexpr std::uint32_t no_key = ~std::uint32_t{0};
    std::uint32_t next_key_ = 0, last_stamped_ = no_key, next_identification_ = 0;
    std::array<stamped, 1024> stamps_{};     // of the packets sent last: a stamp comes within moments, or not at all
    std::array<std::uint8_t, 6144> buffer_;  // larger than any answer to a packet of ours
};

}  // namespace tp::probe
