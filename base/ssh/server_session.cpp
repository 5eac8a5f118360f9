#include "base/ssh/server_session.hpp"

#include <algorithm>
#include <utility>

namespace tp::ssh {
namespace {

// Without an answer of ours libssh asks the Kerberos library for credentials before anybody has logged in.
ssh_string no_gssapi(ssh_session, char const*, int, ssh_string*, void*)
{
    return nullptr;
}

}  // namespace

server_session::server_session(boost::asio::ip::tcp::socket socket, std::shared_ptr<server_state> state)
    : session(std::move(socket), state->limits_of_sessions,
              std::chrono::steady_clock::now() + state->limits_of_sessions->handshake),
      state_(std::move(state))
{
    state_->admitted.enter(address());
    state_->sessions.insert(this);
}

server_session::~server_session()
{
    tear_down();
    leave();
}

result<void> server_session::accept()
{
    auto const prepared = prepare();
    if (!prepared) return prepared;
    if (ssh_bind_accept_fd(state_->bind.get(), native(), descriptor()) != SSH_OK) {
        // Whoever has the descriptor closes it, once.
        if (ssh_get_fd(native()) == descriptor()) forget_descriptor();
        return errc::unavailable;
    }
    ssh_set_blocking(native(), 0);  // accepting has set it anew
    ssh_set_auth_methods(native(), SSH_AUTH_METHOD_PUBLICKEY);
    callbacks_.userdata = this;
    callbacks_.auth_pubkey_function = on_key;
    callbacks_.gssapi_select_oid_function = no_gssapi;
    callbacks_.channel_open_request_session_function = on_channel;
    ssh_callbacks_init(&callbacks_);
    ssh_set_server_callbacks(native(), &callbacks_);
    {
        inside const guard(*this);
        if (ssh_handle_key_exchange(native()) == SSH_ERROR) end_with(errc::malformed);
    }
    start();
    return {};
}

int server_session::on_key(ssh_session, char const* user, ssh_key_struct* key, char state, void* self)
{
    auto& me = *static_cast<server_session*>(self);
    char* base64 = nullptr;
    bool const exported =
        ssh_key_type(key) == SSH_KEYTYPE_ED25519 && ssh_pki_export_pubkey_base64(key, &base64) == SSH_OK;
    c_text const owner(base64);
    auto known = exported ? public_key::parse(base64) : result<public_key>(errc::unsupported);
    if (known && state == SSH_PUBLICKEY_STATE_NONE) return SSH_AUTH_SUCCESS;  // "would this key do?"
    if (known && state == SSH_PUBLICKEY_STATE_VALID) {                        // the signature is verified
        me.peer_ = std::move(*known);
        me.user_ = user;
        me.logged_in_ = true;
        return SSH_AUTH_SUCCESS;
    }
    me.refuse_key();
    return SSH_AUTH_DENIED;
}

void server_session::refuse_key()
{
    if (++refused_keys_ < limits_of_session().login_attempts || std::exchange(refused_, true)) return;
    ++state_->counts.login_failed;
    end_with(errc::rejected);
}

ssh_channel server_session::on_channel(ssh_session native, void* self)
{
    auto& me = *static_cast<server_session*>(self);
    if (me.channel_ != nullptr || !me.logged_in_) return nullptr;
    auto* const channel = ssh_channel_new(native);
    if (channel == nullptr) return nullptr;
    me.channel_callbacks_.channel_subsystem_request_function = on_subsystem;
    me.watch_channel(channel);
    return channel;
}

int server_session::on_subsystem(ssh_session, ssh_channel, char const* name, void* self)
{
    constexpr int refuse = 1;
    auto& me = *static_cast<server_session*>(self);
    auto const& known = me.state_->subsystems;
    if (me.is_open() || std::find(known.begin(), known.end(), name) == known.end()) return refuse;
    me.subsystem_ = name;
    me.set_open();
    return 0;
}

void server_session::advance()
{
    if (is_open() || octets_in() <= limits_of_session().octets_before_login) return;
    if (!std::exchange(refused_, true)) ++state_->counts.too_much_before_login;
    end_with(errc::too_large);
}

void server_session::on_open()
{
    state_->admitted.opened();
    standing_ = standing::stranger;
    ++state_->counts.opened;
    if (state_->opened) state_->opened(std::static_pointer_cast<server_session>(shared_from_this()));
}

void server_session::vouch()
{
    if (!counted_ || standing_ != standing::stranger) return;
    state_->admitted.vouched_for(address());
    standing_ = standing::known;
}

void server_session::on_end(error_code why, bool was_open) noexcept
{
    if (!was_open && !refused_) {
        if (why == errc::timed_out)
            ++state_->counts.handshake_timed_out;
        else if (why != errc::closed && octets_in() > 0)
            ++state_->counts.protocol_errors;
    }
    if (!was_readable()) ++state_->counts.protocol_errors;
    leave();
}

void server_session::say_last()
{
    ssh_channel_request_send_exit_status(channel_, 0);
}

void server_session::leave() noexcept
{
    if (!std::exchange(counted_, false)) return;
    state_->admitted.leave(address(), standing_, std::chrono::steady_clock::now());
    state_->sessions.erase(this);
}

}  // namespace tp::ssh
