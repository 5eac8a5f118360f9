#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/ssh/channel.hpp"
#include "base/ssh/keys.hpp"
#include "base/ssh/limits.hpp"

namespace tp::ssh {

/// Counts since the start, for logs and metrics; those of the first line are present values.
struct server_counts {
    std::size_t sessions = 0, strangers = 0, half_open = 0;
    std::uint64_t accepted = 0, opened = 0, refused_full = 0, refused_address = 0, handshake_timed_out = 0,
                  login_failed = 0, too_much_before_login = 0, protocol_errors = 0;
};

/// Accepts SSH connections on one or more addresses. Any Ed25519 key may log in: the login proves possession, and who
/// the key belongs to is the business of the conversation (which can then say what is wrong in words, and vouches for
/// those whom it knows: all others are strangers, of whom one address has few). One session, one
/// subsystem channel; everything else (shell, exec, forwarding, a second channel) is refused.
/// One server to an io_context, which one thread runs.
class server {
public:
    struct options {
        std::vector<boost::asio::ip::tcp::endpoint> listen;
        private_key host_key;
        std::vector<std::string> subsystems;
        struct limits limits {};
    };
    using handler = std::function<boost::asio::awaitable<void>(std::shared_ptr<channel>)>;

    /// Errors: those of bind(2) and listen(2).
    static result<std::unique_ptr<server>> open(boost::asio::io_context& io, options options);

    virtual ~server() = default;

    /// Serves until cancelled: one `handler` coroutine for each session, which owns its channel. On cancellation every
    /// session is closed, and run() returns once all handlers have ended.
    virtual boost::asio::awaitable<void> run(handler each) = 0;

    virtual server_counts counts() const = 0;
    /// Where it really listens: port 0 in the options takes any.
    virtual std::vector<boost::asio::ip::tcp::endpoint> endpoints() const = 0;
};

}  // namespace tp::ssh
