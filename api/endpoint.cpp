#include "api/endpoint.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace tp::api {

http::response json_answer(boost::json::value const& body, unsigned status)
{
    http::response out;
    out.status = status;
    out.body = boost::json::serialize(body);
    return out;
}

http::response no_content()
{
    http::response out;
    out.status = 204;
    return out;
}

}  // namespace tp::api
