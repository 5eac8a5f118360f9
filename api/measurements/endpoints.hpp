#pragma once

#include "api/endpoint.hpp"
#include "store/measurements.hpp"

/// Below /api/v2/measurements/. Paths and permissions: api/routes.cpp and each function.
namespace tp::api {

/// The measurement in the path, if the caller may see it; else 404.
boost::asio::awaitable<checked<store::measurement_record>> visible_measurement(context& shared, call const& given);
/// As above, if the caller may change it with this scope; else 403.
boost::asio::awaitable<checked<store::measurement_record>> own_measurement(context& shared, call const& given,
                                                                           std::string_view scope);
/// Whether the caller may see it.
bool is_visible(store::measurement_record const& record, caller const& who) noexcept;

boost::asio::awaitable<http::response> create_measurements(context& shared, call given);
boost::asio::awaitable<http::response> list_measurements(context& shared, call given);
boost::asio::awaitable<http::response> list_my_measurements(context& shared, call given);
/// /probes/{id}/measurements/: those in which the probe takes part, or took part when they ended.
boost::asio::awaitable<http::response> list_probe_measurements(context& shared, call given);
boost::asio::awaitable<http::response> get_measurement(context& shared, call given);
boost::asio::awaitable<http::response> change_measurement(context& shared, call given);
boost::asio::awaitable<http::response> stop_measurement(context& shared, call given);
boost::asio::awaitable<http::response> get_results(context& shared, call given);
boost::asio::awaitable<http::response> get_latest(context& shared, call given);
/// The old form of latest: an object with a list of results for each probe.
boost::asio::awaitable<http::response> get_latest_by_probe(context& shared, call given);
boost::asio::awaitable<http::response> change_participation(context& shared, call given);

}  // namespace tp::api
