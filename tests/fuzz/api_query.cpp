#include <cstdint>
#include <cstdlib>
#include <string>

#include "api/anchors/object.hpp"
#include "api/auth.hpp"
#include "api/measurements/list_filter.hpp"
#include "api/paging.hpp"
#include "api/probes/list_filter.hpp"
#include "api/results/query.hpp"
#include "api/routes.hpp"
#include "api/times.hpp"

// The address of a request, as far as it is read without a database.
static void read_parameters(tp::api::http::request const& request)
{
    auto const id = tp::measurement_id::from(1'000'001).value();
    auto const results = tp::api::parse_results_request(request, id);
    if (results && results->query.probes.size() > tp::api::most_result_probes) std::abort();
    auto const latest = tp::api::parse_latest_request(request, id, tp::from_unix_seconds(1'700'000'000));
    if (latest && (latest->query.versions < 1 || latest->query.versions > 10)) std::abort();
    tp::api::parse_measurement_filter(request);
    tp::api::parse_probe_filter(request);
    tp::api::parse_anchor_filter(request);
    tp::api::key_of(request);
    auto const page = tp::api::parse_page(request);
    if (page && page->offset() >= tp::api::page::reachable) std::abort();
    tp::api::parse_cursor(request);
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    std::string const target(reinterpret_cast<char const*>(data), size);
    auto const question = target.find('?');
    tp::api::http::request request;
    request.path = '/' + tp::api::http::percent_decoded(target.substr(0, question), false);
    request.host = "a";
    if (question != std::string::npos) {
        request.query = tp::api::http::parse_query(std::string_view(target).substr(question + 1));
    }
    tp::api::http::find_route(tp::api::patterns(), tp::api::http::method::get, request.path);
    read_parameters(request);

    // A link to another page is read back as the same query.
    auto const link = tp::api::page_url(request, 7);
    auto const again = tp::api::http::parse_query(std::string_view(link).substr(link.rfind('?') + 1));
    auto expected = request.query;
    std::erase_if(expected, [](auto const& each) { return each.name == "page" || each.name == "after"; });
    if (expected.size() < tp::api::http::most_parameters) {
        expected.push_back({"page", "7"});
        if (again != expected) std::abort();
    }
    return 0;
}
