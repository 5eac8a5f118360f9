#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ssh/channel.hpp"
#include "base/ssh/keys.hpp"
#include "base/ssh/limits.hpp"

namespace tp::ssh {

struct dial_options {
    std::vector<public_key> host_keys;  // any of these is accepted, no other
    private_key key;
    std::string user = "probe";
    std::string subsystem;
    struct limits limits {};
    std::optional<ip_address> from = std::nullopt;  // our own address; none: the kernel chooses
};

/// Connects to the first endpoint that answers, checks the host key, logs in and opens the subsystem, all within
/// limits::handshake. Errors: errc::rejected for a host key that is not pinned, or a refused login or subsystem;
/// errc::timed_out; errc::malformed when the other side does not speak SSH; those of connect(2).
boost::asio::awaitable<result<std::shared_ptr<channel>>> dial(std::vector<boost::asio::ip::tcp::endpoint> to,
                                                              dial_options options);

}  // namespace tp::ssh
