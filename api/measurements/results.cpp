#include <boost/json/value.hpp>
#include <charconv>
#include <map>

#include "api/measurements/endpoints.hpp"
#include "api/measurements/object.hpp"
#include "api/measurements/sources.hpp"
#include "api/results/query.hpp"
#include "api/results/text.hpp"
#include "base/log.hpp"

namespace tp::api {
namespace {

namespace asio = boost::asio;

/// Results of all probes for latest in its old form are gathered before they are sent: at most so many octets.
constexpr std::size_t largest_dictionary = 32 * 1024 * 1024;

/// How far a stream of results has come.
struct progress {
    http::body_writer& out;
    result_context context;
    bool lines = false;  // one result a line, else one array
    bool first = true;
    std::size_t unread = 0;  // what a later version measured, or octets that are none of ours
};

asio::awaitable<result<void>> write_page(std::vector<store::result_row> rows, progress& state)
{
    std::string text;
    for (auto const& row : rows) {
        auto const before = text.size();
        if (!state.lines && !state.first) text.push_back(',');
        if (!append_result(text, row, state.context)) {
            ++state.unread;
            text.resize(before);
            continue;
        }
        state.first = false;
        if (state.lines) text.push_back('\n');
    }
    co_return co_await state.out.write(std::move(text));
}

asio::awaitable<result<void>> stream_results(store::database& database, store::result_query query, progress state)
{
    if (!state.lines) {
        auto const begun = co_await state.out.write("[");
        if (!begun) co_return begun;
    }
    store::result_taker const take = [&state](std::vector<store::result_row> rows) {
        return write_page(std::move(rows), state);
    };
    auto const name = query.measurement.text();
    auto const read = co_await store::read_results(database, std::move(query), take);
    if (state.unread > 0)  // once for all of them: a probe may store as many as it likes
        log::warning("results",
                     std::to_string(state.unread) + " stored results of measurement " + name + " cannot be read");
    if (!read || state.lines) co_return read;
    co_return co_await state.out.write("]");
}

http::response streamed(context& shared, result_request wanted, store::measurement_record const& record)
{
    http::response out;
    if (wanted.lines) out.content_type = "text/plain";
    out.stream = [&database = shared.database, query = std::move(wanted.query), lines = wanted.lines,
                  about = context_of(record)](http::body_writer& to) {
        return stream_results(database, query, progress{to, about, lines, true});
    };
    return out;
}

using by_probe = std::map<std::int32_t, std::string>;

asio::awaitable<result<void>> gather(std::vector<store::result_row> rows, result_context context, by_probe& out,
                                     std::size_t& size)
{
    for (auto const& row : rows) {
        std::string text;
        if (!append_result(text, row, context)) continue;
        size += text.size();
        if (size > largest_dictionary) co_return errc::too_large;
        auto& list = out[row.probe.value()];
        if (!list.empty()) list.push_back(',');
        list += text;
    }
    co_return result<void>();
}

}  // namespace

asio::awaitable<http::response> get_results(context& shared, call given)
{
    auto const found = co_await visible_measurement(shared, given);
    if (!found) co_return answer(found.error());
    auto wanted = parse_results_request(given.request, found->id);
    if (!wanted) co_return answer(wanted.error());
    co_return streamed(shared, std::move(*wanted), *found);
}

asio::awaitable<http::response> get_latest(context& shared, call given)
{
    auto const found = co_await visible_measurement(shared, given);
    if (!found) co_return answer(found.error());
    auto wanted = parse_latest_request(given.request, found->id, wall_now());
    if (!wanted) co_return answer(wanted.error());
    co_return streamed(shared, std::move(*wanted), *found);
}

asio::awaitable<http::response> get_latest_by_probe(context& shared, call given)
{
    auto const found = co_await visible_measurement(shared, given);
    if (!found) co_return answer(found.error());
    auto wanted = parse_latest_request(given.request, found->id, wall_now());
    if (!wanted) co_return answer(wanted.error());
    by_probe all;
    std::size_t size = 0;
    store::result_taker const take = [&, about = context_of(*found)](std::vector<store::result_row> rows) {
        return gather(std::move(rows), about, all, size);
    };
    auto const read = co_await store::read_results(shared.database, std::move(wanted->query), take);
    if (!read && read.error() == errc::too_large) {
        co_return answer(bad_parameter("versions", "That is too much for this form: use latest/ instead."));
    }
    if (!read) co_return answer(from_store(read.error()));
    http::response out;
    out.body = "{";
    for (auto const& [probe, list] : all) {
        if (out.body.size() > 1) out.body.push_back(',');
        out.body += '"' + std::to_string(probe) + "\":[" + list + ']';
    }
    out.body += '}';
    co_return out;
}

}  // namespace tp::api
