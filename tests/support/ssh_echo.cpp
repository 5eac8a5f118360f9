// ssh-echo HOST_KEY: serves the subsystem "echo" on a free port of the loopback, until SIGTERM or SIGINT. Writes its
// port and its host key, then a line for each session that ended, and at the end its counts.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <iostream>

#include "base/coroutine.hpp"
#include "base/ssh/server.hpp"

namespace {

using namespace tp;

asio::awaitable<void> echo(std::shared_ptr<ssh::channel> with)
{
    with->vouch();
    std::size_t frames = 0;
    error_code why;
    while (!why) {
        auto frame = co_await with->read();
        if (!frame) why = frame.error();
        if (!frame) break;
        ++frames;
        auto const written = co_await with->write(std::move(*frame));
        if (!written) why = written.error();
    }
    std::cout << "ended " << with->user() << ' ' << with->peer().base64() << ' ' << frames << ' ' << why.message()
              << std::endl;
}

void serve(ssh::server& server, asio::io_context& io)
{
    std::cout << server.endpoints().front().port() << std::endl;
    asio::cancellation_signal stop;
    asio::co_spawn(io, server.run(echo), asio::bind_cancellation_slot(stop.slot(), expect_cancelled));
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](error_code, int) { stop.emit(asio::cancellation_type::terminal); });
    io.run();
    auto const counts = server.counts();
    std::cout << "opened " << counts.opened << " login_failed " << counts.login_failed << " sessions "
              << counts.sessions << std::endl;
}

}  // namespace

int main(int count, char** words)
{
    if (count != 2) return 2;
    auto key = ssh::private_key::load_or_make(words[1]);
    if (!key) return 1;
    std::cout << key->shared().text() << std::endl;

    asio::io_context io{1};
    auto const any = asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0);
    auto server = ssh::server::open(io, {.listen = {any}, .host_key = *key, .subsystems = {"echo"}});
    if (!server) return 1;
    serve(**server, io);
    return 0;
}
