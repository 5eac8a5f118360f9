#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>

#include "probe/anchor/dns/zone.hpp"
#include "probe/anchor/tcp_server.hpp"

namespace tp::anchor {

inline constexpr std::size_t largest_query = 4'096;  // octets, over UDP and TCP

/// What one connection may cost. Source of the frames: RFC 1035, section 4.2.2; RFC 7766.
struct dns_stream_limits {
    static constexpr unsigned queries = 200;
    std::chrono::milliseconds idle{10'000};  // for a whole query to arrive, and for an answer to leave
};

/// DNS over TCP: one query after the other.
/// @param zone  outlives the session.
std::unique_ptr<session> make_dns_session(boost::asio::ip::tcp::socket socket, dns_zone const& zone,
                                          dns_stream_limits limits);

}  // namespace tp::anchor
