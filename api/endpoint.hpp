#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "api/auth.hpp"
#include "api/errors.hpp"
#include "api/hosting/terms.hpp"
#include "api/http/request.hpp"
#include "api/http/response.hpp"
#include "api/limits.hpp"
#include "firmware-signing/trusted_keys.hpp"
#include "store/database.hpp"

namespace tp::api {

class resolver;
struct abuse_desk;

/// What all endpoints share; outlives every request.
struct context {
    store::database& database;
    resolver& names;
    struct limits limits;
    abuse_desk& abuse;
    signing::trusted_keys trusted;  // whose signatures make a list of anchors
    host_terms terms{};
};

/// One request at its endpoint.
struct call {
    http::request request;
    std::vector<std::string> values;  // what stood for {id} and {word} in the path
    caller who;
};

using endpoint = boost::asio::awaitable<http::response> (*)(context&, call);

http::response json_answer(boost::json::value const& body, unsigned status = 200);
http::response no_content();

/// The number in the path. Errors: 404, as a number that none can have names nothing.
template <class Id>
checked<Id> id_in_path(call const& given, std::size_t place = 0)
{
    auto const id = Id::parse(given.values.at(place));
    if (!id) return not_found();
    return *id;
}

}  // namespace tp::api
