#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/measurements/types/types.hpp"

namespace tp::api {
namespace {

using o = proto::traceroute_options;
using proto::trace_protocol;

constexpr std::array protocols{choice<trace_protocol>{"ICMP", trace_protocol::icmp},
                               choice<trace_protocol>{"UDP", trace_protocol::udp},
                               choice<trace_protocol>{"TCP", trace_protocol::tcp}};

proto::options read(json_fields const& fields)
{
    using std::chrono::milliseconds;
    o out;
    fields.read("protocol", protocols, out.protocol);
    fields.read("packets", 1, o::most_packets, out.packets);
    fields.read("size", 0, o::largest_size, out.size);
    fields.read("response_timeout", o::shortest_timeout, o::longest_timeout, out.response_timeout);
    auto const duplicates = fields.integer("duplicate_timeout", 0, o::longest_timeout.count());
    if (duplicates) out.duplicate_timeout = milliseconds(*duplicates);
    fields.read("paris", 0, o::most_paris, out.paris);
    fields.read("first_hop", 1, o::highest_hop, out.first_hop);
    fields.read("max_hops", 1, o::highest_hop, out.max_hops);
    fields.read("port", 1, highest_port, out.port);
    fields.read("destination_option_size", 0, o::largest_destination_option, out.destination_option_size);
    fields.read("hop_by_hop_option_size", 0, o::largest_hop_by_hop_option, out.hop_by_hop_option_size);
    fields.read("dont_fragment", out.dont_fragment);
    return out;
}

void show(boost::json::object& out, proto::options const& told)
{
    auto const& options = std::get<o>(told);
    out["protocol"] = name_in(protocols, options.protocol);
    out["packets"] = options.packets;
    out["size"] = options.size;
    out["response_timeout"] = options.response_timeout.count();
    out["duplicate_timeout"] = nullptr;
    if (options.duplicate_timeout) out["duplicate_timeout"] = options.duplicate_timeout->count();
    out["paris"] = options.paris;
    out["first_hop"] = options.first_hop;
    out["max_hops"] = options.max_hops;
    out["port"] = options.port;
    out["destination_option_size"] = options.destination_option_size;
    out["hop_by_hop_option_size"] = options.hop_by_hop_option_size;
    out["dont_fragment"] = options.dont_fragment;
}

}  // namespace

measurement_type const traceroute_type{std::chrono::seconds{900}, read, show};

}  // namespace tp::api
