#include "base/ssh/server.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <stdexcept>
#include <utility>

#include "base/coroutine.hpp"
#include "base/ssh/server_session.hpp"

namespace tp::ssh {
namespace {

using asio::ip::tcp;

constexpr int listen_backlog = 4096;
constexpr std::chrono::milliseconds pause_after_failed_accept{50};  // out of descriptors, mostly

void set(ssh_bind bind, ssh_bind_options_e option, void const* value)
{
    if (ssh_bind_options_set(bind, option, value) == SSH_OK) return;
    throw std::runtime_error(std::string("libssh refuses an option: ") + ssh_get_error(bind));
}

bind_handle make_bind(private_key const& host_key)
{
    bind_handle out(ssh_bind_new());
    key_handle key(ssh_key_dup(host_key.native()));
    if (!out || !key) throw std::bad_alloc();
    bool const off = false;
    set(out.get(), SSH_BIND_OPTIONS_PROCESS_CONFIG, &off);
    set(out.get(), SSH_BIND_OPTIONS_IMPORT_KEY, key.get());
    key.release();  // the bind has it now
    set(out.get(), SSH_BIND_OPTIONS_KEY_EXCHANGE, algorithms::key_exchange);
    set(out.get(), SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, algorithms::keys);
    set(out.get(), SSH_BIND_OPTIONS_PUBKEY_ACCEPTED_KEY_TYPES, algorithms::keys);
    set(out.get(), SSH_BIND_OPTIONS_CIPHERS_C_S, algorithms::ciphers);
    set(out.get(), SSH_BIND_OPTIONS_CIPHERS_S_C, algorithms::ciphers);
    set(out.get(), SSH_BIND_OPTIONS_HMAC_C_S, algorithms::macs);
    set(out.get(), SSH_BIND_OPTIONS_HMAC_S_C, algorithms::macs);
    set(out.get(), SSH_BIND_OPTIONS_BANNER, "trigpoint");
    return out;
}

result<tcp::acceptor> listen_on(asio::io_context& io, tcp::endpoint const& at)
{
    tcp::acceptor out(io);
    error_code ec;
    out.open(at.protocol(), ec);
    if (!ec) out.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && at.address().is_v6()) out.set_option(asio::ip::v6_only(true), ec);
    if (!ec) out.bind(at, ec);
    if (!ec) out.listen(listen_backlog, ec);
    if (ec) return ec;
    return out;
}

class ssh_server final : public server {
public:
    ssh_server(asio::io_context& io, std::shared_ptr<server_state> state, std::vector<tcp::acceptor> acceptors)
        : io_(io), state_(std::move(state)), acceptors_(std::move(acceptors)), ended_(io, steady_time::max())
    {
    }

    asio::awaitable<void> run(handler each) override;
    server_counts counts() const override;
    std::vector<tcp::endpoint> endpoints() const override;

private:
    asio::awaitable<void> accept_from(tcp::acceptor& acceptor);
    void admit(tcp::socket socket);
    void serve(std::shared_ptr<server_session> with);
    void one_ended() noexcept;
    void close_all();
    asio::awaitable<void> until_all_ended();

    asio::io_context& io_;
    std::shared_ptr<server_state> state_;
    std::vector<tcp::acceptor> acceptors_;
    handler each_;
    std::unordered_set<server_session*> served_;  // those with a handler that runs
    std::size_t running_ = 0;                     // coroutines of this server
    asio::steady_timer ended_;                    // never expires: cancelled when one of them ends
    bool stopping_ = false;
};

asio::awaitable<void> ssh_server::run(handler each)
{
    // From here on cancellation is looked at by hand: sessions are to be closed before this returns.
    co_await asio::this_coro::throw_if_cancelled(false);
    each_ = std::move(each);
    state_->opened = [this](auto with) { serve(std::move(with)); };
    for (auto& acceptor : acceptors_) {
        ++running_;
        asio::co_spawn(io_, accept_from(acceptor), [this](std::exception_ptr thrown) {
            one_ended();
            expect_cancelled(thrown);
        });
    }
    asio::steady_timer forever(io_, steady_time::max());
    auto const cancelled = co_await asio::this_coro::cancellation_state;
    if (cancelled.cancelled() == asio::cancellation_type::none) co_await forever.async_wait(as_values);

    stopping_ = true;
    for (auto& acceptor : acceptors_) {
        error_code ignored;
        acceptor.close(ignored);
    }
    close_all();
    co_await until_all_ended();
}

asio::awaitable<void> ssh_server::accept_from(tcp::acceptor& acceptor)
{
    while (!stopping_) {
        auto [ec, socket] = co_await acceptor.async_accept(as_values);
        if (stopping_) co_return;
        if (ec)
            co_await pause_for(pause_after_failed_accept);
        else
            admit(std::move(socket));
    }
}

void ssh_server::admit(tcp::socket socket)
{
    error_code ec;
    auto const from = socket.remote_endpoint(ec);
    if (ec) return;  // gone already
    switch (state_->admitted.ask(from.address(), std::chrono::steady_clock::now())) {
        case admission::verdict::full:
            ++state_->counts.refused_full;
            return;
        case admission::verdict::source_full:
        case admission::verdict::source_waits:
            ++state_->counts.refused_address;
            return;
        case admission::verdict::welcome:
            break;
    }
    ++state_->counts.accepted;
    auto const session = std::make_shared<server_session>(std::move(socket), state_);
    auto const begun = session->accept();
    if (!begun) ++state_->counts.protocol_errors;
}

void ssh_server::serve(std::shared_ptr<server_session> with)
{
    if (stopping_) return with->abort();
    ++running_;
    served_.insert(with.get());
    asio::co_spawn(io_, each_(make_channel(with)),
                   asio::bind_cancellation_slot(with->stop_handler().slot(), [this, with](std::exception_ptr thrown) {
                       with->close();
                       served_.erase(with.get());
                       one_ended();
                       expect_cancelled(thrown);
                   }));
}

void ssh_server::one_ended() noexcept
{
    --running_;
    ended_.cancel();
}

void ssh_server::close_all()
{
    auto const all = state_->sessions;  // closing takes some out
    for (auto* const session : all) {
        if (state_->sessions.contains(session)) session->close();
    }
}

/// Handlers hear of the end from their channels. One that waits for something else is cancelled after a while.
asio::awaitable<void> ssh_server::until_all_ended()
{
    auto const patience = steady_time::clock::now() + state_->limits_of_sessions->closing;
    auto const all_ended = [this] { return running_ == 0 && state_->sessions.empty(); };
    bool cancelled = false;
    while (!all_ended()) {
        constexpr std::chrono::milliseconds look_again{20};
        auto const now = steady_time::clock::now();
        if (!cancelled && now >= patience) {
            cancelled = true;
            auto const late = served_;
            for (auto* const session : late) session->stop_handler().emit(asio::cancellation_type::terminal);
        }
        ended_.expires_at(now + look_again);
        co_await ended_.async_wait(as_values);
    }
    state_->opened = nullptr;
}

server_counts ssh_server::counts() const
{
    auto out = state_->counts;
    out.sessions = state_->admitted.sessions();
    out.strangers = state_->admitted.strangers();
    out.half_open = state_->admitted.half_open();
    return out;
}

std::vector<tcp::endpoint> ssh_server::endpoints() const
{
    std::vector<tcp::endpoint> out;
    for (auto const& acceptor : acceptors_) out.push_back(acceptor.local_endpoint());
    return out;
}

}  // namespace

result<std::unique_ptr<server>> server::open(asio::io_context& io, options options)
{
    std::vector<tcp::acceptor> acceptors;
    for (auto const& at : options.listen) {
        auto acceptor = listen_on(io, at);
        if (!acceptor) return acceptor.error();
        acceptors.push_back(std::move(*acceptor));
    }
    auto state = std::make_shared<server_state>(server_state{
        .limits_of_sessions = std::make_shared<limits const>(options.limits),
        .subsystems = std::move(options.subsystems),
        .bind = make_bind(options.host_key),
        .admitted = admission(options.limits),
        .counts = {},
        .sessions = {},
        .opened = {},
    });
    return std::unique_ptr<server>(std::make_unique<ssh_server>(io, std::move(state), std::move(acceptors)));
}

}  // namespace tp::ssh
