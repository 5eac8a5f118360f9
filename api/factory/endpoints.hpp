#pragma once

#include "api/endpoint.hpp"
#include "store/factory.hpp"

/// Below /api/v2/factory-lists/, for operators.
namespace tp::api {

boost::asio::awaitable<http::response> list_factory_lists(context& shared, call given);
boost::asio::awaitable<http::response> import_factory_list(context& shared, call given);
boost::asio::awaitable<http::response> change_factory_batch(context& shared, call given);

/// {"frozen": "unclaimed" | "all" | "no", "reason": "..."}; freezing needs a reason.
struct freeze_request {
    store::batch_state to{};
    std::string reason;
};
checked<freeze_request> parse_freeze_request(std::string const& body);

}  // namespace tp::api
