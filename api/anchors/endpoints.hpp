#pragma once

#include "api/endpoint.hpp"

/// Below /api/v2/anchors/.
namespace tp::api {

boost::asio::awaitable<http::response> list_anchors(context& shared, call given);
boost::asio::awaitable<http::response> get_anchor(context& shared, call given);
/// The signed list that is published: its version and how long it is good.
boost::asio::awaitable<http::response> list_anchor_documents(context& shared, call given);
/// The body is a signed document as `trigpoint-sign` makes it, whatever its Content-Type. What is not signed by trusted
/// keys, has expired, or is not newer than what is published is refused.
boost::asio::awaitable<http::response> publish_anchors(context& shared, call given);

}  // namespace tp::api
