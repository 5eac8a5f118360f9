#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "api/http/request.hpp"
#include "api/http/response.hpp"
#include "api/http/tls.hpp"

namespace tp::api::http {

using handler = std::function<boost::asio::awaitable<response>(request)>;

/// What one connection may cost.
struct connection_limits {
    std::size_t body = 1024 * 1024;           // octets of a request's body
    std::size_t header = 16 * 1024;           // octets of request line and header: lists of 500 ids make lines of 8 kB
    std::chrono::milliseconds read{15'000};   // for a TLS handshake, a header (waiting for it included), and a body
    std::chrono::milliseconds write{30'000};  // for each piece of an answer to leave
};

/// One accepted connection, plain or TLS, until it ends: requests one after the other (keep-alive).
class connection {
public:
    virtual ~connection() = default;

    /// Serves until the client ends it, a limit is broken, or end() was called. Throws nothing that `each` does not.
    virtual boost::asio::awaitable<void> serve(handler const& each) = 0;
    /// No further request: an idle connection closes now, a busy one after its answer.
    virtual void end() = 0;
    /// Closes the socket now.
    virtual void cut() = 0;
};

/// `tls` is none for plain HTTP.
std::unique_ptr<connection> make_connection(boost::asio::ip::tcp::socket socket,
                                            std::shared_ptr<boost::asio::ssl::context> tls, ip_address peer,
                                            connection_limits const& limits);

}  // namespace tp::api::http
