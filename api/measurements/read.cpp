#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "api/json_fields.hpp"
#include "api/measurements/endpoints.hpp"
#include "api/measurements/list_filter.hpp"
#include "api/measurements/object.hpp"
#include "api/paging.hpp"
#include "api/parameters.hpp"
#include "store/probes.hpp"

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
    shape_object(out, request);
    co_return out;
}

/// What is asked for: a page, or what comes after a number.
checked<page> read_place(http::request const& request, store::measurement_filter& out)
{
    auto at = parse_page(request);
    if (!at) return at;
    if (out.sort == store::measurement_column::id) {
        auto const after = parse_cursor(request);
        if (!after) return after.error();
        out.after = *after;
        if (out.after) at->number = 1;
    }
    out.offset = at->offset();
    out.limit = at->size + 1;  // one more shows whether there are more
    return at;
}

/// Of which measurements a list is.
struct whose {
    std::optional<account_id> owner;
    std::optional<probe_id> participant;
};

asio::awaitable<http::response> list(context& shared, call const& given, whose only)
{
    auto filter = parse_measurement_filter(given.request);
    if (!filter) co_return answer(filter.error());
    auto const at = read_place(given.request, *filter);
    if (!at) co_return answer(at.error());
    bool const by_number = filter->sort == store::measurement_column::id;
    if (may(given.who, list_scope)) {
        filter->visible_to = given.who.key->account;
        filter->all = given.who.is_operator();
    }
    filter->owner = only.owner;
    if (only.participant) filter->participants = {only.participant->value()};
    auto found = co_await store::list_measurements(shared.database, std::move(*filter));
    if (!found) co_return answer(from_store(found.error()));
    std::optional<std::int64_t> last;
    if (found->rows.size() > at->size) {
        found->rows.pop_back();
        last = found->rows.back().id.value();
    }
    json::array results;
    for (auto const& record : found->rows) {
        auto object = co_await full_object(shared, given.request, record);
        if (!object) co_return answer(object.error());
        results.push_back(std::move(*object));
    }
    if (by_number) co_return json_answer(cursor_envelope(given.request, *at, found->count, last, std::move(results)));
    co_return json_answer(envelope(given.request, *at, found->count, std::move(results)));
}

checked<store::measurement_change> parse_change(std::string const& body, bool is_public)
{
    auto const object = parse_object(body);
    if (!object) return object.error();
    std::vector<fault> faults;
    json_fields const fields(*object, "", faults);
    store::measurement_change out;
    out.description = fields.text("description", longest_description);
    if (fields.find("tags") != nullptr) out.tags = fields.texts("tags", most_tags, longest_tag);
    auto const wanted = fields.flag("is_public");
    if (wanted == false && is_public) fields.complain("is_public", "A public measurement stays public.");
    out.make_public = wanted.value_or(false);
    if (!faults.empty()) return problem(400, {}, std::move(faults));
    return out;
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
    auto const mine = read_flag(given.request, "mine");
    if (!mine) co_return answer(mine.error());
    whose only;
    if (mine->value_or(false) && given.who.key) only.owner = given.who.key->account;
    co_return co_await list(shared, given, only);
}

asio::awaitable<http::response> list_my_measurements(context& shared, call given)
{
    if (!may(given.who, list_scope)) co_return answer(forbidden(""));
    whose const only{given.who.key->account, {}};
    co_return co_await list(shared, given, only);
}

asio::awaitable<http::response> list_probe_measurements(context& shared, call given)
{
    auto const id = id_in_path<probe_id>(given);
    if (!id) co_return answer(id.error());
    auto const found = co_await store::find_probe_by_id(shared.database, *id);
    if (!found) co_return answer(from_store(found.error()));
    whose const only{{}, *id};
    co_return co_await list(shared, given, only);
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
    auto change = parse_change(given.request.body, found->is_public);
    if (!change) co_return answer(change.error());
    auto const changed = co_await store::change_measurement(shared.database, found->id, std::move(*change));
    if (!changed) co_return answer(from_store(changed.error()));
    co_return co_await get_measurement(shared, std::move(given));
}

}  // namespace tp::api
