#include "tests/lab/measure/types.hpp"

namespace tp::lab {

void read(words& from, proto::ntp_options& to)
{
    from.read("packets", to.packets);
    from.read("timeout", to.timeout);
}

boost::json::object to_json(proto::ntp_report const& from)
{
    boost::json::array packets;
    for (auto const& one : from.packets) {
        packets.push_back({{"error", one.error},
                           {"received", one.received},
                           {"origin", one.origin},
                           {"receive", one.receive},
                           {"transmit", one.transmit},
                           {"final", one.final},
                           {"round_trip", value_of(one.round_trip)},
                           {"offset", value_of(one.offset)},
                           {"leap", one.leap},
                           {"version", one.version},
                           {"mode", one.mode},
                           {"stratum", one.stratum},
                           {"poll", one.poll},
                           {"precision", one.precision},
                           {"root_delay", one.root_delay},
                           {"root_dispersion", one.root_dispersion},
                           {"reference_id", one.reference_id},
                           {"reference", one.reference}});
    }
    return {{"packets", packets}};
}

}  // namespace tp::lab
