#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <vector>

#include "api/http/connection.hpp"
#include "base/crowd.hpp"
#include "base/error.hpp"

namespace tp::api::http {

/// HTTP and HTTPS on any number of addresses. One loop, one thread.
class server {
public:
    struct listener {
        boost::asio::ip::tcp::endpoint at;
        bool secure = false;
    };
    struct options {
        std::vector<listener> listen;
        std::shared_ptr<boost::asio::ssl::context> tls;  // needed if any listener is secure
        connection_limits limits;
        std::size_t connections = 1'000;              // further ones are closed at once
        std::size_t connections_of_an_address = 256;  // likewise; of an IPv6 /64
        std::chrono::milliseconds stop_limit{5'000};  // for answers under way when stop() is called
    };

    /// Binds and listens. Errors: those of the system; the log names the address.
    static result<std::unique_ptr<server>> open(boost::asio::io_context& io, options wanted, handler each);

    server(boost::asio::io_context& io, options wanted, handler each);
    ~server();

    /// Serves until stop() was called and every connection has ended. An exception of the handler is answered with 500.
    boost::asio::awaitable<void> run();
    /// Takes no more connections and requests; answers under way have `stop_limit`.
    void stop();

    /// Where it really listens: port 0 takes any.
    std::vector<listener> const& listening() const noexcept { return bound_; }
    std::size_t connections() const noexcept { return connections_.size(); }

private:
    struct entry;

    result<void> bind(listener const& where);
    boost::asio::awaitable<void> accept(boost::asio::ip::tcp::acceptor& from, bool secure);
    void begin(boost::asio::ip::tcp::socket socket, bool secure);
    void ended(std::list<entry>::iterator which, std::exception_ptr thrown);

    boost::asio::io_context& io_;
    options options_;
    crowd crowd_;
    handler each_;
    std::list<std::pair<boost::asio::ip::tcp::acceptor, bool>> acceptors_;
    std::vector<listener> bound_;
    std::list<entry> connections_;
    boost::asio::steady_timer changed_, cut_all_;
    std::size_t accepting_ = 0;
    bool stopping_ = false;
};

}  // namespace tp::api::http
