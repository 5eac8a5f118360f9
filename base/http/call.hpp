#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace boost::asio::ssl {
class context;
}

/// One question to an HTTP server, and its answer. For the servers: a probe has its own, which measures.
namespace tp::http_call {

struct url {
    bool secure = false;
    std::string host;  // a name, or an address without brackets
    std::uint16_t port = 80;
    std::string target = "/";  // path and query

    /// "http://host:port/path" or https; no user, no fragment. Errors: errc::malformed.
    static result<url> parse(std::string_view text);
    /// Without the port where it is the usual one.
    std::string host_and_port() const;
};

struct question {
    std::string method = "GET";
    url where;
    std::optional<boost::asio::ip::tcp::endpoint> at;  // none: `where.host` is resolved
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

struct answer {
    unsigned status = 0;
    std::string body;
};

struct limits {
    std::chrono::milliseconds whole{10'000};  // from the look-up to the last octet
    std::size_t header = 8 * 1024, body = 64 * 1024;
};

/// Asks once. Redirections are answers like others: nothing is followed.
/// @param tls  for https; must outlive the call.
/// Errors: errc::timed_out; errc::too_large for an answer beyond the limits; errc::unsupported for https without `tls`;
/// else those of the network, of TLS and of HTTP.
boost::asio::awaitable<result<answer>> ask(question what, limits within_limits, boost::asio::ssl::context* tls);

/// Verifies servers by the system's certificates, or by those of a PEM file. Errors: those of OpenSSL.
result<std::shared_ptr<boost::asio::ssl::context>> verifying_tls(std::string const& ca_file);

}  // namespace tp::http_call
