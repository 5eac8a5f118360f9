#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "probe/anchor/tcp_server.hpp"
#include "proto/options.hpp"

namespace boost::asio::ssl {
class context;
}

namespace tp::anchor {

/// What one connection may cost.
struct http_limits {
    static constexpr std::size_t header = 8 * 1024;  // octets of request line and header
    static constexpr std::size_t body = 64 * 1024;   // octets of a request's body, which are dropped as they come
    static constexpr unsigned requests = 100;

    std::size_t largest_body = proto::http_options::usual_body_bytes;  // octets of an answer's body
    std::chrono::milliseconds idle{10'000};                            // until a request begins; for a TLS handshake
    std::chrono::milliseconds head{10'000};                            // from its first octet to the end of its header
    std::chrono::milliseconds received{10'000};                        // for its body
    std::chrono::milliseconds sent{30'000};                            // for the whole answer
};

/// What all sessions answer with.
struct http_site {
    std::string name;  // the anchor's, a host name
    http_limits limits;
    std::string filler;  // as long as the largest body: the letters of http_reply
};

/// @param site  outlives the session.
/// @param tls   none for plain HTTP.
std::unique_ptr<session> make_http_session(boost::asio::ip::tcp::socket socket,
                                           std::shared_ptr<boost::asio::ssl::context> tls, ip_address peer,
                                           http_site const& site);

}  // namespace tp::anchor
