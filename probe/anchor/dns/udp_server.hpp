#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <list>

#include "base/error.hpp"
#include "probe/anchor/dns/limiter.hpp"
#include "probe/anchor/dns/zone.hpp"

namespace tp::anchor {

/// DNS over UDP: a datagram in, at most one out, and nothing is kept in between.
class udp_server {
public:
    using endpoint = boost::asio::ip::udp::endpoint;

    /// @param zone  outlives the server.
    udp_server(boost::asio::io_context& io, dns_zone const& zone, answer_limiter::options limits);

    /// Binds; where it really does: port 0 takes any. Errors: those of the system.
    result<endpoint> listen(endpoint const& at);
    /// Serves from now on, until stop().
    void start();
    void stop();

private:
    boost::asio::awaitable<void> serve(boost::asio::ip::udp::socket& on);

    boost::asio::io_context& io_;
    dns_zone const& zone_;
    answer_limiter limiter_;
    std::list<boost::asio::ip::udp::socket> sockets_;
    bool stopping_ = false;
};

}  // namespace tp::anchor
