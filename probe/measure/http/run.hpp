#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <optional>

#include "probe/guard/guard.hpp"
#include "probe/measure/engine.hpp"
#include "probe/measure/http/answer.hpp"
#include "probe/measure/net/tcp_connection.hpp"
#include "probe/measure/net/tls_stream.hpp"

namespace tp::probe {

struct http_limits {
    std::chrono::milliseconds connect{5'000};        // for the TCP connection
    std::chrono::milliseconds whole{30'000};         // from the first packet to the answer's end
    std::chrono::milliseconds longest_wait{60'000};  // for other runs to end
    std::size_t most_at_once = 256;                  // connections: files of this process
    std::size_t most_secured_at_once = 24;           // a TLS session takes some 60 kB while it lasts
};

/// One request to an anchor and its answer. The guard is asked for the anchor just before the connection is made;
/// redirects are answers like others and never followed.
///
/// Failures by source, and what the API makes of them (Atlas's probe knows the same kinds):
/// guard -> "error"; resolver -> "dnserr"; probe -> "sockerr" (no socket, no room); target, network -> "err".
class http_run {
public:
    http_run(boost::asio::any_io_executor executor, guard& asked, tls_context& tls, http_limits limits, order what);

    boost::asio::awaitable<void> go();
    void fail(proto::failure_source source, std::string text);
    outcome take();

private:
    boost::asio::awaitable<result<void>> open();
    boost::asio::awaitable<result<void>> connect();
    bool may_fetch();
    boost::asio::awaitable<result<void>> send();
    boost::asio::awaitable<void> receive();
    boost::asio::awaitable<result<std::string_view>> read();
    void note_read();
    void fail_reading(error_code why);
    bool refused(error_code why);
    void fail_connecting(error_code why);

    proto::http_options const& told() const { return std::get<proto::http_options>(what_.job.options); }

    guard& guard_;
    http_limits limits_;
    order what_;
    tcp_connection tcp_;
    std::optional<tls_stream> tls_;
    http_answer answer_;
    steady_time deadline_;
    std::uint64_t octets_read_ = 0;
    outcome out_;
    proto::http_report found_;
};

}  // namespace tp::probe
