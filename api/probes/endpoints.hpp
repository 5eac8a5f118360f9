#pragma once

#include "api/endpoint.hpp"

/// Below /api/v2/probes/.
namespace tp::api {

boost::asio::awaitable<http::response> list_probes(context& shared, call given);
boost::asio::awaitable<http::response> list_my_probes(context& shared, call given);
boost::asio::awaitable<http::response> get_probe(context& shared, call given);
boost::asio::awaitable<http::response> add_probe(context& shared, call given);
boost::asio::awaitable<http::response> change_probe(context& shared, call given);
boost::asio::awaitable<http::response> make_claim_code(context& shared, call given);

}  // namespace tp::api
