#include "api/http/server.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "api/errors.hpp"
#include "base/coroutine.hpp"
#include "base/log.hpp"

namespace tp::api::http {
namespace {

using tcp = asio::ip::tcp;

constexpr std::chrono::milliseconds accept_pause{100};  // after a failed accept: most often files have run out
constexpr int backlog = 512;                            // connections that the kernel keeps waiting

/// The handler of the user, with bugs turned into an answer, so that one request cannot take the others with it.
asio::awaitable<response> guarded(handler const& each, request given)
{
    try {
        co_return co_await each(std::move(given));
    } catch (std::exception const& error) {
        log::error("http", std::string("a request failed: ") + error.what());
    }
    co_return answer(problem{500, {}, {}});
}

std::string text_of(tcp::endpoint const& at)
{
    auto const host = at.address().is_v6() ? '[' + at.address().to_string() + ']' : at.address().to_string();
    return host + ':' + std::to_string(at.port());
}

}  // namespace

struct server::entry {
    std::unique_ptr<connection> link;
    ip_address peer;
};

server::server(asio::io_context& io, options wanted, handler each)
    : io_(io),
      options_(std::move(wanted)),
      crowd_({options_.connections, options_.connections_of_an_address}),
      each_([inner = std::move(each)](request given) { return guarded(inner, std::move(given)); }),
      changed_(io, asio::steady_timer::time_point::max()),
      cut_all_(io)
{
}

server::~server() = default;

result<std::unique_ptr<server>> server::open(asio::io_context& io, options wanted, handler each)
{
    auto const listen = wanted.listen;
    auto out = std::make_unique<server>(io, std::move(wanted), std::move(each));
    for (auto const& where : listen) {
        auto const bound = out->bind(where);
        if (bound) continue;
        log::error("http", "cannot listen on " + text_of(where.at) + ": " + bound.error().message());
        return bound.error();
    }
    return out;
}

result<void> server::bind(listener const& where)
{
    tcp::acceptor acceptor(io_);
    error_code error;
    acceptor.open(where.at.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && where.at.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor.bind(where.at, error);
    if (!error) acceptor.listen(backlog, error);
    if (error) return error;
    bound_.push_back({acceptor.local_endpoint(), where.secure});
    log::info("http",
              std::string("listening on ") + (where.secure ? "https://" : "http://") + text_of(bound_.back().at));
    acceptors_.emplace_back(std::move(acceptor), where.secure);
    return {};
}

asio::awaitable<void> server::run()
{
    for (auto& [acceptor, secure] : acceptors_) {
        ++accepting_;
        asio::co_spawn(io_, accept(acceptor, secure), [this](std::exception_ptr thrown) {
            --accepting_;
            changed_.cancel();
            if (thrown) std::rethrow_exception(thrown);
        });
    }
    while (accepting_ > 0 || !connections_.empty()) co_await changed_.async_wait(as_values);
    cut_all_.cancel();
}

void server::stop()
{
    if (std::exchange(stopping_, true)) return;
    for (auto& [acceptor, secure] : acceptors_) {
        error_code ignored;
        acceptor.close(ignored);
    }
    for (auto& each : connections_) each.link->end();
    cut_all_.expires_after(options_.stop_limit);
    cut_all_.async_wait([this](error_code error) {
        if (error) return;
        for (auto& each : connections_) each.link->cut();
    });
    changed_.cancel();
}

asio::awaitable<void> server::accept(tcp::acceptor& from, bool secure)
{
    while (!stopping_) {
        auto [error, socket] = co_await from.async_accept(as_values);
        if (!error) {
            begin(std::move(socket), secure);
        } else if (!stopping_) {
            log::warning("http", "cannot accept: " + error.message());
            co_await pause_for(accept_pause);
        }
    }
}

void server::begin(tcp::socket socket, bool secure)
{
    error_code error;
    auto const peer = socket.remote_endpoint(error).address();
    if (error) return;
    if (!crowd_.enter(peer)) return;  // closes it
    socket.set_option(tcp::no_delay(true), error);
    auto const tls = secure ? options_.tls : nullptr;
    connections_.push_front({make_connection(std::move(socket), tls, peer, options_.limits), peer});
    auto const which = connections_.begin();
    asio::co_spawn(io_, which->link->serve(each_), [this, which](std::exception_ptr thrown) { ended(which, thrown); });
}

void server::ended(std::list<entry>::iterator which, std::exception_ptr thrown)
{
    crowd_.leave(which->peer);
    connections_.erase(which);
    changed_.cancel();
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace tp::api::http
