#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <vector>

#include "base/error.hpp"
#include "base/ssh/keys.hpp"
#include "proto/messages.hpp"

namespace tp::probe {

/// How long the registry may take to answer the hello.
inline constexpr std::chrono::seconds registry_answer_limit{20};

struct registry_question {
    std::vector<boost::asio::ip::tcp::endpoint> to;
    std::vector<ssh::public_key> host_keys;
    ssh::private_key key;
    proto::registry_hello hello;
};

/// Asks a registry for controllers, once. Errors: those of ssh::dial (errc::rejected: its host key is not the pinned
/// one); errc::timed_out; those of decoding.
boost::asio::awaitable<result<proto::from_registry>> ask_registry(registry_question question);

}  // namespace tp::probe
