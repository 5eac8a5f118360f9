#include <boost/json/object.hpp>

#include "api/measurements/types/types.hpp"

namespace tp::api {
namespace {

using o = proto::ntp_options;

proto::options read(json_fields const& fields)
{
    o out;
    fields.read("packets", 1, o::most_packets, out.packets);
    fields.read("timeout", o::shortest_timeout, o::longest_timeout, out.timeout);
    return out;
}

void show(boost::json::object& out, proto::options const& told)
{
    auto const& options = std::get<o>(told);
    out["packets"] = options.packets;
    out["timeout"] = options.timeout.count();
}

}  // namespace

measurement_type const ntp_type{std::chrono::seconds{1800}, read, show};

}  // namespace tp::api
