#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "api/json_fields.hpp"
#include "api/measurements/endpoints.hpp"
#include "api/measurements/object.hpp"
#include "api/paging.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

constexpr std::string_view list_scope = "measurements.list_measurements";

/// The object with the optional fields that the request wants.
asio::awaitable<checked<json::object>> full_object(context& shared, http::request const& request,
                                                   store::measurement_record const& record)
{
    auto const base = base_url(request);
    auto out = measurement_object(record, base);
    bool const current = wants_field(request, "current_probes");
    if (current || wants_field(request, "probes")) {
        auto const probes = co_await store::participants_of(shared.database, record.id);
        if (!probes) co_return from_store(probes.error());
        out["probes"] = probe_links(*probes, base);
        if (current) out["current_probes"] = out["probes"];
    }
    if (wants_field(request, "probe_sources")) {
        error_code ignored;  // it was JSON when it was stored
        out["probe_sources"] = json::parse(record.probe_sources, ignored);
    }
    select_fields(out, request);
    co_return out;
}

asio::awaitable<http::response> list(context& shared, call const& given, bool mine)
{
    auto const at = parse_page(given.request);
    if (!at) co_return answer(at.error());
    auto filter = parse_measurement_filter(given.request);
    if (!filter) co_return answer(filter.error());
    if (may(given.who, list_scope)) {
        filter->visible_to = given.who.key->account;
        filter->all = given.who.is_operator();
    }
    if (mine) filter->owner = given.who.key->account;
    filter->offset = at->offset();
    filter->limit = at->size;
    auto const found = co_await store::list_measurements(shared.database, std::move(*filter));
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (auto const& record : found->rows) {
        auto object = co_await full_object(shared, given.request, record);
        if (!object) co_return answer(object.error());
        results.push_back(std::move(*object));
    }
    co_return json_answer(envelope(given.request, *at, found->count, std::move(results)));
}

}  // namespace

bool is_visible(store::measurement_record const& record, caller const& who) noexcept
{
    return record.is_public || sees_private(who, record.owner, list_scope);
}

asio::awaitable<checked<store::measurement_record>> visible_measurement(context& shared, call const& given)
{
    auto const id = id_in_path<measurement_id>(given);
    if (!id) co_return id.error();
    auto found = co_await store::find_measurement(shared.database, *id);
    if (!found) co_return from_store(found.error());
    if (!is_visible(*found, given.who)) co_return not_found();
    co_return std::move(*found);
}

asio::awaitable<checked<store::measurement_record>> own_measurement(context& shared, call const& given,
                                                                    std::string_view scope)
{
    auto found = co_await visible_measurement(shared, given);
    if (found && !sees_private(given.who, found->owner, scope)) co_return forbidden("");
    co_return found;
}

asio::awaitable<http::response> list_measurements(context& shared, call given)
{
    bool const mine = given.request.find("mine") == "true" && given.who.key;
    co_return co_await list(shared, given, mine);
}

asio::awaitable<http::response> list_my_measurements(context& shared, call given)
{
    if (!may(given.who, list_scope)) co_return answer(forbidden(""));
    co_return co_await list(shared, given, true);
}

asio::awaitable<http::response> get_measurement(context& shared, call given)
{
    auto const found = co_await visible_measurement(shared, given);
    if (!found) co_return answer(found.error());
    auto const object = co_await full_object(shared, given.request, *found);
    if (!object) co_return answer(object.error());
    co_return json_answer(*object);
}

asio::awaitable<http::response> stop_measurement(context& shared, call given)
{
    auto const found = co_await own_measurement(shared, given, "measurements.stop_measurement");
    if (!found) co_return answer(found.error());
    auto const stopped = co_await store::stop_measurement(shared.database, found->id);
    if (!stopped) co_return answer(from_store(stopped.error()));
    co_return no_content();
}

asio::awaitable<http::response> change_measurement(context& shared, call given)
{
    auto const found = co_await own_measurement(shared, given, "measurements.change_measurement");
    if (!found) co_return answer(found.error());
    auto const body = parse_json(given.request.body);
    if (!body) co_return answer(body.error());
    auto const* object = body->if_object();
    if (object == nullptr) co_return answer(bad_body("", "Expected an object."));
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    auto description = fields.text("description", longest_description);
    auto const is_public = fields.flag("is_public");
    if (is_public == false && found->is_public) fields.complain("is_public", "A public measurement stays public.");
    if (!faults.empty()) co_return answer(problem(400, {}, std::move(faults)));
    auto const changed = co_await store::change_measurement(shared.database, found->id, std::move(description),
                                                            is_public.value_or(false));
    if (!changed) co_return answer(from_store(changed.error()));
    co_return co_await get_measurement(shared, std::move(given));
}

}  // namespace tp::api
