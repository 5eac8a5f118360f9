#pragma once

#include "api/endpoint.hpp"

namespace tp::api {

/// Anybody. Answers with the case's number and a token, and tells how to prove it.
boost::asio::awaitable<http::response> open_abuse_case(context& shared, call given);
/// Whoever has the token: looks for the proof now.
boost::asio::awaitable<http::response> verify_abuse_case(context& shared, call given);
/// Operators; one case also for whoever has its token (`?token=`).
boost::asio::awaitable<http::response> list_abuse_cases(context& shared, call given);
boost::asio::awaitable<http::response> get_abuse_case(context& shared, call given);
/// Operators.
boost::asio::awaitable<http::response> decide_abuse_case(context& shared, call given);

}  // namespace tp::api
