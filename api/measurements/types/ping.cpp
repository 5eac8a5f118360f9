#include <boost/json/object.hpp>

#include "api/measurements/types/types.hpp"

namespace tp::api {
namespace {

using o = proto::ping_options;

proto::options read(json_fields const& fields)
{
    o out;
    fields.read("packets", 1, o::most_packets, out.packets);
    fields.read("size", 1, o::largest_size, out.size);
    fields.read("packet_interval", o::shortest_interval, o::longest_interval, out.packet_interval);
    fields.read("include_probe_id", out.include_probe_id);
    return out;
}

void show(boost::json::object& out, proto::options const& told)
{
    auto const& options = std::get<o>(told);
    out["packets"] = options.packets;
    out["size"] = options.size;
    out["packet_interval"] = options.packet_interval.count();
    out["include_probe_id"] = options.include_probe_id;
}

}  // namespace

measurement_type const ping_type{std::chrono::seconds{240}, read, show};

}  // namespace tp::api
