#pragma once

#include "api/endpoint.hpp"

/// Below /api/v2/keys/ and /api/v2/accounts/.
namespace tp::api {

boost::asio::awaitable<http::response> list_keys(context& shared, call given);
boost::asio::awaitable<http::response> create_key(context& shared, call given);
boost::asio::awaitable<http::response> delete_key(context& shared, call given);
boost::asio::awaitable<http::response> list_permissions(context& shared, call given);
/// Answers with a first key of the new account, since nobody could use it otherwise.
boost::asio::awaitable<http::response> create_account(context& shared, call given);

}  // namespace tp::api
