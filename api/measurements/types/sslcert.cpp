#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/measurements/types/types.hpp"

namespace tp::api {
namespace {

using o = proto::tls_options;

proto::options read(json_fields const& fields)
{
    o out;
    fields.read("port", 1, highest_port, out.port);
    fields.read_visible("hostname", o::longest_hostname, out.hostname);
    return out;
}

void show(boost::json::object& out, proto::options const& told)
{
    auto const& options = std::get<o>(told);
    out["port"] = options.port;
    out["hostname"] = nullptr;
    if (!options.hostname.empty()) out["hostname"] = options.hostname;
}

}  // namespace

measurement_type const sslcert_type{std::chrono::seconds{900}, read, show};

}  // namespace tp::api
