#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <list>
#include <memory>

#include "base/crowd.hpp"
#include "base/error.hpp"

namespace tp::anchor {

/// One accepted connection, until it ends.
class session {
public:
    virtual ~session() = default;

    /// Serves until the client ends it, a limit is broken, or end() was called.
    virtual boost::asio::awaitable<void> serve() = 0;
    /// No further request: an idle connection closes now, a busy one after its answer.
    virtual void end() = 0;
    /// Closes the socket now.
    virtual void cut() = 0;
};

/// Accepts connections as long as there is room; who comes then is hung up on. One loop, one thread.
class tcp_server {
public:
    using endpoint = boost::asio::ip::tcp::endpoint;
    using make_session = std::function<std::unique_ptr<session>(boost::asio::ip::tcp::socket, ip_address const& peer)>;

    static constexpr std::chrono::milliseconds stop_limit{3'000};  // for answers under way when stop() is called

    tcp_server(boost::asio::io_context& io, crowd::limits most);
    ~tcp_server();

    /// Binds and listens; where it really does: port 0 takes any. Errors: those of the system.
    result<endpoint> listen(endpoint const& at, make_session each);
    /// Serves until stop() was called and every connection has ended.
    boost::asio::awaitable<void> run();
    void stop();

private:
    struct door;
    struct guest;

    boost::asio::awaitable<void> accept(door& from);
    void begin(boost::asio::ip::tcp::socket socket, make_session const& each);
    void ended(std::list<guest>::iterator which, std::exception_ptr thrown);

    boost::asio::io_context& io_;
    crowd room_;
    std::list<door> doors_;
    std::list<guest> guests_;
    boost::asio::steady_timer changed_, cut_all_;
    std::size_t accepting_ = 0;
    bool stopping_ = false;
};

}  // namespace tp::anchor
