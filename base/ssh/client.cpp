#include "base/ssh/client.hpp"

#include <fcntl.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/coroutine.hpp"
#include "base/ssh/session.hpp"

namespace tp::ssh {
namespace {

using asio::ip::tcp;

/// The client's side of the handshake, one step after another; each is repeated until libssh has an answer.
class client_session final : public session {
public:
    client_session(tcp::socket socket, dial_options options, steady_time handshake_end)
        : session(std::move(socket), std::make_shared<limits const>(options.limits), handshake_end),
          options_(std::move(options))
    {
    }

    /// Errors: those of setsockopt(2).
    result<void> connect();

private:
    enum class step : std::uint8_t { key_exchange, login, channel, subsystem, done };

    void advance() override;
    int take_step();
    void next_step();
    void check_host_key();
    void set(ssh_options_e option, void const* value);
    error_code why_not_open() const override;

    dial_options options_;
    step step_ = step::key_exchange;
};

result<void> client_session::connect()
{
    auto const prepared = prepare();
    if (!prepared) return prepared;
    // Paths that are not read, and a name that is not looked up; without them libssh asks the user database for a home.
    set(SSH_OPTIONS_HOST, "trigpoint");
    set(SSH_OPTIONS_SSH_DIR, "/dev/null");
    set(SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
    set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
    set(SSH_OPTIONS_USER, options_.user.c_str());
    set(SSH_OPTIONS_KEY_EXCHANGE, algorithms::key_exchange);
    set(SSH_OPTIONS_HOSTKEYS, algorithms::keys);
    set(SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, algorithms::keys);
    set(SSH_OPTIONS_CIPHERS_C_S, algorithms::ciphers);
    set(SSH_OPTIONS_CIPHERS_S_C, algorithms::ciphers);
    set(SSH_OPTIONS_HMAC_C_S, algorithms::macs);
    set(SSH_OPTIONS_HMAC_S_C, algorithms::macs);
    int const fd = descriptor();
    set(SSH_OPTIONS_FD, &fd);
    subsystem_ = options_.subsystem;
    user_ = options_.user;
    {
        inside const guard(*this);
        if (ssh_connect(native()) == SSH_ERROR) end_with(why_not_open());
    }
    start();
    return {};
}

void client_session::set(ssh_options_e option, void const* value)
{
    if (ssh_options_set(native(), option, value) == SSH_OK) return;
    throw std::runtime_error(std::string("libssh refuses an option: ") + ssh_get_error(native()));
}

void client_session::advance()
{
    // libssh makes the descriptor blocking again once it sees it connected.
    ::fcntl(descriptor(), F_SETFL, ::fcntl(descriptor(), F_GETFL) | O_NONBLOCK);
    int outcome = SSH_OK;
    while (outcome == SSH_OK && step_ != step::done) {
        outcome = take_step();
        if (outcome == SSH_OK) next_step();
    }
    if (outcome == SSH_AGAIN || outcome == SSH_OK) return;
    bool const answered = ssh_is_connected(native()) != 0 && step_ != step::key_exchange;
    end_with(answered ? make_error_code(errc::rejected) : why_not_open());
}

int client_session::take_step()
{
    switch (step_) {
        case step::key_exchange:
            return ssh_connect(native());
        case step::login: {
            auto const outcome = ssh_userauth_publickey(native(), nullptr, options_.key.native());
            if (outcome == SSH_AUTH_AGAIN) return SSH_AGAIN;
            return outcome == SSH_AUTH_SUCCESS ? SSH_OK : SSH_ERROR;
        }
        case step::channel:
            if (channel_ == nullptr) watch_channel(ssh_channel_new(native()));
            return ssh_channel_open_session(channel_);
        case step::subsystem:
            return ssh_channel_request_subsystem(channel_, options_.subsystem.c_str());
        case step::done:
            break;
    }
    return SSH_OK;
}

void client_session::next_step()
{
    if (step_ == step::key_exchange) check_host_key();
    if (step_ == step::subsystem) set_open();
    step_ = ending() ? step::done : static_cast<step>(static_cast<int>(step_) + 1);
}

void client_session::check_host_key()
{
    ssh_key raw = nullptr;
    if (ssh_get_server_publickey(native(), &raw) != SSH_OK) return end_with(errc::malformed);
    key_handle const key(raw);
    char* base64 = nullptr;
    if (ssh_pki_export_pubkey_base64(key.get(), &base64) != SSH_OK) return end_with(errc::malformed);
    c_text const owner(base64);
    auto shown = public_key::parse(base64);
    auto const& pinned = options_.host_keys;
    if (!shown || std::find(pinned.begin(), pinned.end(), *shown) == pinned.end()) return end_with(errc::rejected);
    peer_ = std::move(*shown);
}

error_code client_session::why_not_open() const
{
    // A server that is full or stops closes without a word, or in the midst; that is not a protocol error.
    auto const* const banner = ssh_get_serverbanner(native());
    bool const speaks_ssh = banner != nullptr && std::string_view(banner).starts_with("SSH-2.0");
    return octets_in() > 0 && !speaks_ssh ? errc::malformed : errc::unavailable;
}

asio::awaitable<result<void>> connect_socket(tcp::socket& socket, tcp::endpoint to, std::optional<ip_address> from)
{
    if (from) {
        error_code refused;
        socket.open(to.protocol(), refused);
        if (!refused) socket.bind({*from, 0}, refused);
        if (refused) co_return refused;
    }
    auto const [ec] = co_await socket.async_connect(to, as_values);
    if (ec) co_return ec;
    co_return result<void>();
}

/// The first that answers, each with its share of the time.
asio::awaitable<result<tcp::socket>> connect_to_first(std::vector<tcp::endpoint> to, std::optional<ip_address> from,
                                                      steady_time end)
{
    error_code last = make_error_code(errc::not_found);
    auto left = static_cast<int>(to.size());
    for (auto const& endpoint : to) {
        auto const share = (end - steady_time::clock::now()) / left--;
        tcp::socket socket(co_await asio::this_coro::executor);
        auto const connected = co_await within(share, connect_socket(socket, endpoint, from));
        if (connected) co_return std::move(socket);
        last = connected.error();
    }
    co_return last;
}

}  // namespace

asio::awaitable<result<std::shared_ptr<channel>>> dial(std::vector<tcp::endpoint> to, dial_options options)
{
    auto const end = steady_time::clock::now() + options.limits.handshake;
    auto socket = co_await connect_to_first(std::move(to), options.from, end);
    if (!socket) co_return socket.error();

    auto session = std::make_shared<client_session>(std::move(*socket), std::move(options), end);
    auto channel = make_channel(session);  // ends the session if this is cancelled
    auto const begun = session->connect();
    if (!begun) co_return begun.error();
    auto const opened = co_await session->opened();
    if (!opened) co_return opened.error();
    co_return std::move(channel);
}

}  // namespace tp::ssh
