#include <array>
#include <stdexcept>

#include "tests/lab/measure/types.hpp"

namespace tp::lab {
namespace {

constexpr std::array<std::string_view, 3> protocols{"icmp", "udp", "tcp"};

boost::json::value extension_json(std::optional<proto::icmp_extension> const& from)
{
    if (!from) return nullptr;
    boost::json::array objects;
    for (auto const& object : from->objects) {
        boost::json::array labels;
        for (auto const& one : object.labels)
            labels.push_back(
                {{"label", one.label}, {"experimental", one.experimental}, {"bottom", one.bottom}, {"ttl", one.ttl}});
        objects.push_back({{"object_class", object.object_class}, {"type", object.type}, {"labels", labels}});
    }
    return {{"version", from->version}, {"rfc4884", from->rfc4884}, {"objects", objects}};
}

/// Fields that are not there are left out.
boost::json::object reply_json(proto::trace_reply const& from)
{
    constexpr std::array<std::string_view, 8> errors{"", "N", "H", "P", "p", "A", "h", "other"};
    boost::json::object out{{"from", value_of(from.from)}, {"ttl", from.ttl}, {"size", from.size}};
    auto const put = [&out](std::string_view name, auto const& value) {
        if (value) out[name] = value_of(value);
    };
    put("round_trip", from.round_trip);
    if (from.error != proto::trace_error::none) {
        out["error"] = errors.at(static_cast<std::size_t>(from.error));
        out["error_code"] = from.error_code;
    }
    put("quoted_ttl", from.quoted_ttl);
    put("tos", from.tos);
    put("quoted_tos", from.quoted_tos);
    put("quoted_destination", from.quoted_destination);
    put("mtu", from.mtu);
    put("tcp_flags", from.tcp_flags);
    put("mss", from.mss);
    put("hop_by_hop_size", from.hop_by_hop_size);
    put("destination_option_size", from.destination_option_size);
    if (from.extension) out["extension"] = extension_json(from.extension);
    if (from.duplicate) out["duplicate"] = true;
    put("late", from.late);
    return out;
}

}  // namespace

void read(words& from, proto::traceroute_options& to)
{
    std::string protocol(protocols.at(static_cast<std::size_t>(to.protocol) - 1));
    from.read("protocol", protocol);
    auto const found = std::find(protocols.begin(), protocols.end(), protocol);
    if (found == protocols.end()) throw std::runtime_error("protocol: icmp, udp or tcp");
    to.protocol = static_cast<proto::trace_protocol>(found - protocols.begin() + 1);
    from.read("packets", to.packets);
    from.read("size", to.size);
    from.read("response_timeout", to.response_timeout);
    from.read("duplicate_timeout", to.duplicate_timeout);
    from.read("paris", to.paris);
    from.read("first_hop", to.first_hop);
    from.read("max_hops", to.max_hops);
    from.read("port", to.port);
    from.read("destination_option_size", to.destination_option_size);
    from.read("hop_by_hop_option_size", to.hop_by_hop_option_size);
    from.read("dont_fragment", to.dont_fragment);
}

boost::json::object to_json(proto::traceroute_report const& from)
{
    constexpr std::array<std::string_view, 6> ends{"",          "reached",     "hop_limit",
                                                   "gap_limit", "unreachable", "send_error"};
    boost::json::array hops;
    for (auto const& hop : from.hops) {
        boost::json::array replies;
        for (auto const& one : hop.replies) replies.push_back(reply_json(one));
        hops.push_back({{"hop", hop.hop}, {"error", hop.error}, {"replies", replies}});
    }
    return {{"protocol", protocols.at(static_cast<std::size_t>(from.protocol) - 1)},
            {"paris_id", from.paris_id},
            {"size", from.size},
            {"ended", value_of(from.ended)},
            {"stopped_by", ends.at(static_cast<std::size_t>(from.stopped_by))},
            {"unprivileged", from.unprivileged},
            {"hops", hops}};
}

}  // namespace tp::lab
