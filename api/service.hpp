#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "api/http/request.hpp"
#include "api/http/response.hpp"
#include "api/limits.hpp"
#include "store/database.hpp"

namespace tp::api {

/// Every path that the API answers: finds the endpoint, finds out who asks, and hands over.
class service {
public:
    service(boost::asio::io_context& io, store::database& database, limits const& limits);
    ~service();

    /// Never fails: what is wrong is an answer, too.
    boost::asio::awaitable<http::response> answer_request(http::request given);

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace tp::api
