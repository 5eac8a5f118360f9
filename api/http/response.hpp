#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace tp::api::http {

/// Where a streamed body goes. write() returns once the text is on its way or kept in a small buffer, so whoever
/// produces the body goes no faster than the client reads. Errors: those of the connection; the producer then ends.
class body_writer {
public:
    virtual ~body_writer() = default;
    virtual boost::asio::awaitable<result<void>> write(std::string text) = 0;
};

struct response {
    /// Produces a body of unknown length. An error cuts the connection, so that the client sees the body as incomplete.
    using producer = std::function<boost::asio::awaitable<result<void>>(body_writer&)>;

    unsigned status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;  // further ones; values are ours, never a client's
    producer stream;                                           // if set, `body` is not used
};

}  // namespace tp::api::http
