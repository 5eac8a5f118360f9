#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "api/endpoint.hpp"

/// Below /api/v2/controllers/, for operators.
namespace tp::api {

boost::asio::awaitable<http::response> list_controllers(context& shared, call given);
/// PATCH controllers/{name}/
boost::asio::awaitable<http::response> change_controller(context& shared, call given);
/// GET controllers/{name}/rehearsal/: what losing it would do; with domain=true, its whole failure domain.
boost::asio::awaitable<http::response> rehearse_loss(context& shared, call given);

struct drain_request {
    bool drained = false;
    std::string reason;
};
/// {"drained": true, "reason": "..."} or {"drained": false}.
checked<drain_request> parse_drain_request(std::string const& body);

}  // namespace tp::api
