#pragma once

#include "api/endpoint.hpp"

namespace tp::api {

/// Operators: what they were alerted of, and what of it reached whom.
boost::asio::awaitable<http::response> list_alerts(context& shared, call given);

}  // namespace tp::api
