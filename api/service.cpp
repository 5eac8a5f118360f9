#include "api/service.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/abuse/prover.hpp"
#include "api/endpoint.hpp"
#include "api/measurements/resolver.hpp"
#include "api/results/text.hpp"
#include "api/routes.hpp"
#include "base/log.hpp"

namespace tp::api {
namespace {

namespace json = boost::json;
namespace asio = boost::asio;

constexpr std::string_view prefix = "/api/v2";
constexpr std::chrono::seconds health_limit{2};

bool is_text(http::request const& request)
{
    return is_storable_text(request.path) &&
           std::all_of(request.query.begin(), request.query.end(), [](http::parameter const& each) {
               return is_storable_text(each.name) && is_storable_text(each.value);
           });
}

asio::awaitable<checked<caller>> identify(store::database& database, http::request const& request)
{
    auto const key = key_of(request);
    if (!key) co_return caller{};
    auto found = co_await store::find_credential(database, *key);
    if (found) co_return caller{std::move(*found)};
    if (found.error() == errc::not_found) co_return forbidden("The provided API key does not exist");
    co_return from_store(found.error());
}

asio::awaitable<http::response> health(store::database& database)
{
    auto const ready = co_await database.wait_until_ready(health_limit);
    co_return json_answer(json::object{{"status", ready ? "ok" : "the database does not answer"}}, ready ? 200 : 503);
}

http::response describe_options(std::string const& path)
{
    return json_answer(json::object{{"name", path}, {"renders", "application/json"}, {"parses", "application/json"}});
}

}  // namespace

struct service::parts {
    parts(asio::io_context& io, store::database& database, limits const& given, signing::trusted_keys trusted,
          abuse_settings const& abuse, host_terms terms)
        : names(io, abuse.name_server), desk{{abuse.http_port, given.allow_special_targets}}, shared{database,
                                                                                                     names,
                                                                                                     given,
                                                                                                     desk,
                                                                                                     std::move(trusted),
                                                                                                     std::move(terms)}
    {
    }
    resolver names;
    abuse_desk desk;
    context shared;
};

service::service(asio::io_context& io, store::database& database, limits const& limits, signing::trusted_keys trusted,
                 abuse_settings abuse, host_terms terms)
    : parts_(std::make_unique<parts>(io, database, limits, std::move(trusted), abuse, std::move(terms)))
{
}

service::~service() = default;

asio::awaitable<http::response> service::answer_request(http::request given)
{
    auto& shared = parts_->shared;
    if (!is_text(given)) co_return answer(problem(400, "The address is not valid UTF-8.", {}));
    if (given.path == "/healthz") co_return co_await health(shared.database);
    if (!given.path.starts_with(prefix)) co_return answer(not_found());
    auto found = http::find_route(patterns(), given.verb, std::string_view(given.path).substr(prefix.size()));
    if (found.allowed.empty()) co_return answer(not_found());

    http::response out;
    if (given.verb == http::method::options) {
        out = describe_options(given.path);
    } else if (!found.index) {
        out = answer(problem(405, {}, {}));
    } else {
        auto who = co_await identify(shared.database, given);
        if (who) {
            call one{std::move(given), std::move(found.values), std::move(*who)};
            out = co_await endpoints()[*found.index](shared, std::move(one));
        } else {
            out = answer(who.error());
        }
    }
    out.headers.emplace_back("Allow", http::allow_text(found.allowed));
    out.headers.emplace_back("Vary", "Accept");
    co_return out;
}

}  // namespace tp::api
