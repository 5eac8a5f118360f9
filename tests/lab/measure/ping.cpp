#include "tests/lab/measure/types.hpp"

namespace tp::lab {

void read(words& from, proto::ping_options& to)
{
    from.read("packets", to.packets);
    from.read("size", to.size);
    from.read("packet_interval", to.packet_interval);
    from.read("include_probe_id", to.include_probe_id);
}

boost::json::object to_json(proto::ping_report const& from)
{
    boost::json::array packets;
    for (auto const& one : from.packets) {
        packets.push_back({{"round_trip", value_of(one.round_trip)},
                           {"ttl", value_of(one.ttl)},
                           {"size", value_of(one.size)},
                           {"source", value_of(one.source)},
                           {"error", one.error},
                           {"duplicates", one.duplicates},
                           {"late", one.late}});
    }
    return {{"size", from.size}, {"packets", packets}};
}

}  // namespace tp::lab
