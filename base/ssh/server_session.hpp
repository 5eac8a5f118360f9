#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/ssh/admission.hpp"
#include "base/ssh/server.hpp"
#include "base/ssh/session.hpp"

namespace tp::ssh {

class server_session;

/// What the sessions of a server share. It outlives the server when sessions do.
struct server_state {
    std::shared_ptr<limits const> limits_of_sessions;
    std::vector<std::string> subsystems;
    bind_handle bind;
    admission admitted;
    server_counts counts;
    std::unordered_set<server_session*> sessions;
    std::function<void(std::shared_ptr<server_session>)> opened;
};

/// The server's side of the handshake: any Ed25519 key, one channel, one known subsystem.
class server_session final : public session {
public:
    server_session(boost::asio::ip::tcp::socket socket, std::shared_ptr<server_state> state);
    ~server_session() override;

    /// Errors: when it cannot even begin; the descriptor is closed with the session.
    result<void> accept();

    /// Cancels the session's handler.
    boost::asio::cancellation_signal& stop_handler() noexcept { return stop_; }

    void vouch() override;

private:
    static int on_key(ssh_session, char const* user, ssh_key_struct* key, char state, void* self);
    static ssh_channel on_channel(ssh_session, void* self);
    static int on_subsystem(ssh_session, ssh_channel, char const* name, void* self);

    void advance() override;
    void on_open() override;
    void on_end(error_code why, bool was_open) noexcept override;
    void say_last() override;
    void refuse_key();
    void leave() noexcept;

    std::shared_ptr<server_state> state_;
    ssh_server_callbacks_struct callbacks_{};
    boost::asio::cancellation_signal stop_;
    unsigned refused_keys_ = 0;
    bool logged_in_ = false;
    standing standing_ = standing::half_open;
    bool counted_ = true;
    bool refused_ = false;  // counted already why
};

}  // namespace tp::ssh
