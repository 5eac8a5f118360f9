#include "api/alerts/endpoints.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/paging.hpp"
#include "store/alert_deliveries.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;

json::object delivery_object(store::delivery_record const& record)
{
    auto const state = record.delivered ? "delivered" : record.given_up ? "given up" : "waiting";
    return {{"receiver", record.receiver},
            {"state", state},
            {"attempts", record.attempts},
            {"error", record.last_error.empty() ? json::value(nullptr) : json::value(record.last_error)}};
}

json::object alert_object(store::told_alert const& told)
{
    auto const& what = told.what.what;
    json::array deliveries;
    for (auto const& each : told.deliveries) deliveries.push_back(delivery_object(each));
    return {{"id", told.what.number},
            {"type", "Alert"},
            {"raised_at", to_unix_seconds(told.what.at)},
            {"kind", what.kind},
            {"subject", what.subject},
            {"rule", what.rule},
            {"text", what.said},
            {"deliveries", std::move(deliveries)}};
}

}  // namespace

boost::asio::awaitable<http::response> list_alerts(context& shared, call given)
{
    if (!may(given.who, "alerts.list")) co_return answer(forbidden(""));
    auto const at = parse_page(given.request);
    if (!at) co_return answer(at.error());
    auto const found = co_await store::list_told_alerts(shared.database, at->offset(), at->size);
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (auto const& each : found->rows) results.push_back(alert_object(each));
    co_return json_answer(envelope(given.request, *at, found->count, std::move(results)));
}

}  // namespace tp::api
