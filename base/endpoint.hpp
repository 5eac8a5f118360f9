#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string_view>

#include "base/error.hpp"

namespace tp {

/// Reads "192.0.2.1:7441" or "[2001:db8::1]:7441": an address and a port, no name. Port 0 is allowed.
/// Errors: errc::malformed.
result<boost::asio::ip::tcp::endpoint> parse_endpoint(std::string_view text);

}  // namespace tp
