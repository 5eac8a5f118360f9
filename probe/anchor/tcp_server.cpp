#include "probe/anchor/tcp_server.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include "base/coroutine.hpp"
#include "base/log.hpp"

namespace tp::anchor {
namespace {

using tcp = asio::ip::tcp;

constexpr std::chrono::milliseconds accept_pause{100};  // after a failed accept: most often files have run out
constexpr int backlog = 256;                            // connections that the kernel keeps waiting

}  // namespace

struct tcp_server::door {
    tcp::acceptor acceptor;
    make_session each;
};

struct tcp_server::guest {
    std::unique_ptr<session> serving;
    ip_address peer;
};

tcp_server::tcp_server(asio::io_context& io, crowd::limits most)
    : io_(io), room_(most), changed_(io, asio::steady_timer::time_point::max()), cut_all_(io)
{
}

tcp_server::~tcp_server() = default;

result<tcp::endpoint> tcp_server::listen(endpoint const& at, make_session each)
{
    tcp::acceptor acceptor(io_);
    error_code error;
    acceptor.open(at.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && at.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor.bind(at, error);
    if (!error) acceptor.listen(backlog, error);
    if (error) return error;
    auto const bound = acceptor.local_endpoint();
    doors_.push_back({std::move(acceptor), std::move(each)});
    return bound;
}

asio::awaitable<void> tcp_server::run()
{
    for (auto& each : doors_) {
        ++accepting_;
        asio::co_spawn(io_, accept(each), [this](std::exception_ptr thrown) {
            --accepting_;
            changed_.cancel();
            if (thrown) std::rethrow_exception(thrown);
        });
    }
    while (accepting_ > 0 || !guests_.empty()) co_await changed_.async_wait(as_values);
    cut_all_.cancel();
}

void tcp_server::stop()
{
    if (std::exchange(stopping_, true)) return;
    for (auto& each : doors_) {
        error_code ignored;
        each.acceptor.close(ignored);
    }
    for (auto& each : guests_) each.serving->end();
    cut_all_.expires_after(stop_limit);
    cut_all_.async_wait([this](error_code error) {
        if (error) return;
        for (auto& each : guests_) each.serving->cut();
    });
    changed_.cancel();
}

asio::awaitable<void> tcp_server::accept(door& from)
{
    while (!stopping_) {
        auto [error, socket] = co_await from.acceptor.async_accept(as_values);
        if (!error) {
            begin(std::move(socket), from.each);
        } else if (!stopping_) {
            log::warning("tcp", "cannot accept: " + error.message());
            co_await pause_for(accept_pause);
        }
    }
}

void tcp_server::begin(tcp::socket socket, make_session const& each)
{
    error_code error;
    auto const peer = socket.remote_endpoint(error).address();
    if (error || !room_.enter(peer)) return;  // closes it
    socket.set_option(tcp::no_delay(true), error);
    guests_.push_front({each(std::move(socket), peer), peer});
    auto const which = guests_.begin();
    asio::co_spawn(io_, which->serving->serve(), [this, which](std::exception_ptr thrown) { ended(which, thrown); });
}

void tcp_server::ended(std::list<guest>::iterator which, std::exception_ptr thrown)
{
    room_.leave(which->peer);
    guests_.erase(which);
    changed_.cancel();
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace tp::anchor
