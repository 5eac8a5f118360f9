#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "probe/measure/dns/exchange.hpp"
#include "probe/measure/dns/unpredictable.hpp"
#include "proto/job.hpp"

namespace tp::probe {

/// The UDP sockets that queries of one family go out from. A socket for each query would be the safest and costs twice
/// what the query does; so a few are open at once, each with a port that the kernel chose at random and for a few
/// queries only, and each query takes one of them at random. They are unconnected: who looks at what arrives compares
/// addresses.
class udp_sockets {
public:
    static constexpr std::size_t open_at_once = 8;
    static constexpr unsigned most_uses = 64;    // of one socket, while there is room for another
    static constexpr std::size_t most = 64;      // sockets, with those that only wait for answers
    static constexpr unsigned most_in_row = 64;  // datagrams read from one socket before the next one has its turn

    struct listener {
        virtual void on_datagram(std::uint32_t socket, dns_arrival const& what) = 0;

    protected:
        ~listener() = default;
    };

    /// Errors: those of epoll_create1(2).
    static result<udp_sockets> open(boost::asio::any_io_executor executor, proto::family af);
    udp_sockets(udp_sockets&&) = default;
    ~udp_sockets();

    /// A socket for one query, which ends with done(). Errors: those of socket(2), bind(2).
    result<std::uint32_t> take(unpredictable& random);
    /// No answer is awaited any more for a query that went out from there.
    void done(std::uint32_t socket);
    /// Errors: those of sendto(2).
    result<void> send(std::uint32_t socket, ip_address const& to, std::uint16_t port, std::string_view message);

    /// Hands on everything that has arrived.
    void drain(listener& to);
    /// Waits until something has arrived.
    boost::asio::awaitable<void> ready();
    /// Closes the sockets that no query waits at.
    void close_idle();

private:
    struct one_socket {
        int fd = -1;
        unsigned uses = 0, waiting = 0;
        bool retired = false;
    };

    udp_sockets(boost::asio::any_io_executor executor, proto::family af, int epoll);
    result<std::uint32_t> add();
    void remove(std::uint32_t socket);
    void retire(std::size_t place);
    void read(std::uint32_t socket, listener& to);

    proto::family af_;
    boost::asio::posix::stream_descriptor epoll_;  // watches all sockets, so that Asio watches one thing
    std::unordered_map<std::uint32_t, one_socket> all_;
    std::vector<std::uint32_t> in_use_;  // those that take queries
    std::uint32_t last_ = 0;
    std::vector<std::uint8_t> buffer_;
};

}  // namespace tp::probe
