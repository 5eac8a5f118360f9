#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <vector>

#include "probe/guard/guard.hpp"
#include "probe/measure/dns/unpredictable.hpp"
#include "probe/measure/engine.hpp"
#include "probe/measure/net/tls_stream.hpp"
#include "probe/measure/net/turnstile.hpp"

namespace tp::probe {

/// DNS over TCP and over TLS: one connection for each query. Certificates are not checked.
class stream_queries {
public:
    static constexpr std::size_t most_at_once = 64;              // connections
    static constexpr std::chrono::seconds longest_queueing{60};  // for one of them

    /// @param asked   is asked before each connection, each write and each read.
    /// @param shared  of all TLS clients. Both must outlive this.
    stream_queries(boost::asio::any_io_executor executor, guard& asked, tls_context& shared);

    /// Asks each of these servers, side by side.
    boost::asio::awaitable<outcome> measure(order what, std::vector<ip_address> servers);

private:
    struct one_query;

    boost::asio::awaitable<void> ask(order const& what, one_query& query);
    boost::asio::awaitable<void> converse(order const& what, one_query& query, tcp_connection& over);

    boost::asio::any_io_executor executor_;
    guard& guard_;
    tls_context& tls_;
    turnstile entrance_;
    unpredictable random_;
};

}  // namespace tp::probe
