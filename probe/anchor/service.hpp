#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>

#include "probe/anchor/config.hpp"
#include "probe/anchor/dns/udp_server.hpp"
#include "probe/anchor/tcp_server.hpp"

namespace tp::anchor {

/// All that an anchor answers, but for ping: that is the kernel's.
class service {
public:
    service(boost::asio::io_context& io, config chosen);

    /// Binds everything, as whoever may. Errors: those of the system; the log names the address.
    result<void> listen();
    /// Reads certificate and key, or makes them; also later, when the files have changed. Errors: those of the files
    /// and of OpenSSL, told in the log; then the former ones stay.
    result<void> load_certificate();
    /// Serves from now on, until stop().
    void start();
    void stop();

private:
    result<void> listen_http(ip_address const& address);
    result<void> listen_dns(ip_address const& address);

    boost::asio::io_context& io_;
    config config_;
    http_site site_;
    dns_zone zone_;
    tcp_server http_, dns_;
    udp_server datagrams_;
    std::shared_ptr<boost::asio::ssl::context> tls_;
};

}  // namespace tp::anchor
