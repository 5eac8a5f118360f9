#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "probe/measure/dns/query.hpp"
#include "probe/measure/stamp.hpp"
#include "proto/findings.hpp"

namespace tp::probe {

/// A datagram that came to one of our sockets.
struct dns_arrival {
    std::span<std::uint8_t const> message;
    ip_address from;
    std::uint16_t port = 0;
    std::optional<ip_address> to;  // our address
    std::optional<unsigned> ttl;
    stamp at;
};

/// One question to one server over UDP: its tries, and which datagram is the answer. Does no I/O.
class udp_exchange {
public:
    enum class step { wait, send, end };

    /// How long the guard may hold a query back before it is given up.
    static constexpr std::chrono::seconds longest_hold{60};

    udp_exchange(proto::dns_options const& options, ip_address server, steady_time now);

    /// What is to be done now. A try that timed out is followed by the next one.
    step due(steady_time now);
    /// When due() has something else to say.
    steady_time next_event() const noexcept { return when_; }

    /// The query may not be sent before then. It fails if that is too late.
    void hold(steady_time until, steady_time now);
    /// The query went out. The stamp's kernel part is this process's wall clock.
    void sent(std::string query, dns_cookie const& cookie, stamp at);
    /// The query could not go out. @param name, text  as in proto::dns_exchange.
    void not_sent(std::string name, std::string text);

    /// Takes a datagram if it is the answer: from the server's address and port, with the query's id. Then the exchange
    /// has ended. One with another id is counted.
    bool take(dns_arrival const& what);

    ip_address const& server() const noexcept { return server_; }
    std::uint16_t port() const noexcept { return report_.port; }
    bool ever_sent() const noexcept { return ever_sent_; }
    proto::clock_kind clock() const noexcept { return clock_; }
    proto::dns_exchange const& report() const noexcept { return report_; }

private:
    enum class state { to_send, waiting, ended };

    void time_out(steady_time now);
    void end() noexcept;

    proto::dns_options const& options_;
    ip_address server_;
    state state_ = state::to_send;
    steady_time when_;                  // to_send: from when on; waiting: until when
    std::optional<steady_time> asked_;  // when the guard first held this try back
    std::uint16_t id_ = 0;
    dns_cookie cookie_{};
    stamp sent_{};
    bool ever_sent_ = false;
    proto::clock_kind clock_ = proto::clock_kind::none;
    proto::dns_exchange report_;
};

}  // namespace tp::probe
