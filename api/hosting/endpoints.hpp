#pragma once

#include <boost/json/fwd.hpp>

#include "api/endpoint.hpp"
#include "store/hosting.hpp"

/// What hosts agree to, hand over and lose.
namespace tp::api {

/// GET consent/: the text that hosts accept, and its version.
boost::asio::awaitable<http::response> get_consent(context& shared, call given);
/// POST probes/{id}/consent/: its host accepts the present version.
boost::asio::awaitable<http::response> accept_consent(context& shared, call given);
/// POST probes/claim/: the code of a device's label makes it its host's.
boost::asio::awaitable<http::response> claim_device(context& shared, call given);
/// POST and DELETE probes/{id}/transfer/: its host offers it to whoever has the code, or withdraws that.
boost::asio::awaitable<http::response> offer_probe(context& shared, call given);
boost::asio::awaitable<http::response> withdraw_probe(context& shared, call given);
/// POST probes/transfers/: the next host takes it.
boost::asio::awaitable<http::response> take_probe(context& shared, call given);
/// GET probes/lost/?hours=24, for operators: how many are gone, by what was known last.
boost::asio::awaitable<http::response> count_lost(context& shared, call given);

/// Adds to a probe's page what only its host and operators see.
void add_hosting(boost::json::object& page, store::hosting_record const& record, host_terms const& terms);

}  // namespace tp::api
