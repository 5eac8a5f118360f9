#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "api/hosting/terms.hpp"
#include "api/http/request.hpp"
#include "api/http/response.hpp"
#include "api/limits.hpp"
#include "firmware-signing/trusted_keys.hpp"
#include "store/database.hpp"

namespace tp::api {

/// Every path that the API answers: finds the endpoint, finds out who asks, and hands over.
class service {
public:
    /// @param trusted  keys whose signatures make a list of anchors; without any, none can be published.
    service(boost::asio::io_context& io, store::database& database, limits const& limits,
            signing::trusted_keys trusted = {}, abuse_settings abuse = {}, host_terms terms = {});
    ~service();

    /// Never fails: what is wrong is an answer, too.
    boost::asio::awaitable<http::response> answer_request(http::request given);

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace tp::api
