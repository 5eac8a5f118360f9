#include "tests/lab/measure/types.hpp"

namespace tp::lab {

void read(words& from, proto::tls_options& to)
{
    from.read("port", to.port);
    from.read("hostname", to.hostname);
}

boost::json::object to_json(proto::tls_report const& from)
{
    boost::json::array certificates;
    for (auto const& one : from.certificates) certificates.emplace_back(base64(one));
    boost::json::value alert = nullptr;
    if (from.alert) alert = {{"level", from.alert->level}, {"description", from.alert->description}};
    return {{"port", from.port},
            {"version", from.version},
            {"cipher", from.cipher},
            {"connect_time", value_of(from.connect_time)},
            {"round_trip", value_of(from.round_trip)},
            {"certificates_base64", certificates},
            {"alert", alert}};
}

}  // namespace tp::lab
