#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "probe/guard/guard.hpp"
#include "probe/measure/engine.hpp"
#include "probe/measure/net/tcp_connection.hpp"
#include "probe/measure/net/tls_stream.hpp"

namespace tp::probe {

struct tls_limits {
    std::chrono::milliseconds connect{5'000};        // for the TCP connection
    std::chrono::milliseconds whole{15'000};         // from the first packet to the end of the handshake
    std::chrono::milliseconds longest_wait{60'000};  // for other runs to end
    std::size_t most_at_once = 24;                   // a session takes some 60 kB while it lasts
};

/// One handshake, for the certificates that a server shows. As with Atlas, the round trip lasts from the first packet
/// to the server's certificates or alert; then the handshake is ended politely, and whether that works is of no
/// interest. Once there are certificates, an alert is none of the result.
///
/// Failures by source, and what the API makes of them (Atlas's probe knows the same kinds):
/// guard -> "error"; resolver -> "dnserr"; probe -> "sockerr" (no socket, no room); target, network -> "err".
class tls_run {
public:
    tls_run(boost::asio::any_io_executor executor, guard& asked, tls_context& tls, tls_limits limits, order what);

    boost::asio::awaitable<void> go();
    void fail(proto::failure_source source, std::string text);
    outcome take();

private:
    void fail_connecting(error_code why);
    void judge(error_code why);
    void take_chain();
    std::string reason(error_code why) const;

    proto::tls_options const& told() const { return std::get<proto::tls_options>(what_.job.options); }

    tls_limits limits_;
    order what_;
    tcp_connection tcp_;
    tls_stream tls_;
    outcome out_;
    proto::tls_report found_;
};

}  // namespace tp::probe
