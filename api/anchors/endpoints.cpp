#include "api/anchors/endpoints.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/anchors/document.hpp"
#include "api/anchors/object.hpp"
#include "api/json_fields.hpp"
#include "api/paging.hpp"
#include "api/probes/object.hpp"
#include "api/times.hpp"
#include "base/log.hpp"
#include "store/documents.hpp"
#include "store/probes.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

constexpr std::string_view list_name = "anchors";

bool wants_probes(http::request const& request)
{
    auto const wanted = split_list(request.find("include").value_or(""));
    return std::find(wanted.begin(), wanted.end(), "probe") != wanted.end();
}

/// The anchors as objects, with their probes in place of these' numbers if asked for.
asio::awaitable<result<json::array>> objects_of(context& shared, call const& given,
                                                std::vector<store::anchor_record> const& records)
{
    store::probe_filter filter;
    for (auto const& each : records)
        if (each.says.probe) filter.ids.push_back(each.says.probe->value());
    std::vector<store::probe_record> probes;
    if (wants_probes(given.request) && !filter.ids.empty()) {
        filter.limit = page::largest_size;
        auto found = co_await store::list_probes(shared.database, std::move(filter));
        if (!found) co_return found.error();
        probes = std::move(found->rows);
    }
    json::array out;
    for (auto const& each : records) {
        auto object = anchor_object(each);
        for (auto const& probe : probes)
            if (each.says.probe == probe.id) object["probe"] = probe_object(probe, given.who);
        shape_object(object, given.request);
        out.push_back(std::move(object));
    }
    co_return std::move(out);
}

json::object document_object(store::signed_octets const& document)
{
    return {{"type", "AnchorDocument"},
            {"name", document.name},
            {"version", document.version},
            {"expires", to_unix_seconds(document.expires)}};
}

asio::awaitable<result<std::vector<store::signed_octets>>> published_lists(context& shared)
{
    auto found = co_await store::newest_documents(shared.database);
    if (!found) co_return found.error();
    std::erase_if(*found, [](store::signed_octets const& each) { return each.name != list_name; });
    co_return std::move(*found);
}

}  // namespace

asio::awaitable<http::response> list_anchors(context& shared, call given)
{
    auto const at = parse_page(given.request);
    if (!at) co_return answer(at.error());
    auto filter = parse_anchor_filter(given.request);
    if (!filter) co_return answer(filter.error());
    filter->offset = at->offset();
    filter->limit = at->size;
    auto const found = co_await store::list_anchors(shared.database, std::move(*filter));
    if (!found) co_return answer(from_store(found.error()));
    auto objects = co_await objects_of(shared, given, found->rows);
    if (!objects) co_return answer(from_store(objects.error()));
    co_return json_answer(envelope(given.request, *at, found->count, std::move(*objects)));
}

asio::awaitable<http::response> get_anchor(context& shared, call given)
{
    auto const id = id_in_path<store::anchor_id>(given);
    if (!id) co_return answer(id.error());
    auto found = co_await store::find_anchor(shared.database, *id);
    if (!found) co_return answer(from_store(found.error()));
    std::vector<store::anchor_record> const one{std::move(*found)};
    auto const objects = co_await objects_of(shared, given, one);
    if (!objects) co_return answer(from_store(objects.error()));
    co_return json_answer(objects->at(0));
}

asio::awaitable<http::response> list_anchor_documents(context& shared, call given)
{
    auto const found = co_await published_lists(shared);
    if (!found) co_return answer(from_store(found.error()));
    json::array results;
    for (auto const& each : *found) results.push_back(document_object(each));
    co_return json_answer(whole_list(given.request, std::move(results)));
}

asio::awaitable<http::response> publish_anchors(context& shared, call given)
{
    if (!may(given.who, "anchors.publish")) co_return answer(forbidden(""));
    auto const known = co_await published_lists(shared);
    if (!known) co_return answer(from_store(known.error()));
    auto const version = known->empty() ? 0 : known->front().version;
    auto believed = judge_anchor_document(std::move(given.request.body), shared.trusted, wall_now(), version);
    if (!believed) co_return answer(believed.error());
    auto out = document_object(believed->document);
    out["anchors"] = believed->entries.size();
    auto const said = "anchors, version " + std::to_string(believed->document.version);
    auto const done =
        co_await store::publish_anchors(shared.database, std::move(believed->document), std::move(believed->entries));
    if (!done) co_return answer(from_store(done.error()));
    log::info("api", said + ": published by account " + given.who.key->account.text());
    co_return json_answer(out, 201);
}

}  // namespace tp::api
