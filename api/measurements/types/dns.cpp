#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "api/measurements/types/types.hpp"

namespace tp::api {
namespace {

using o = proto::dns_options;
using proto::dns_transport;

constexpr std::array protocols{choice<dns_transport>{"UDP", dns_transport::udp},
                               choice<dns_transport>{"TCP", dns_transport::tcp}};
constexpr std::array<choice<std::uint16_t>, 3> classes{{{"IN", 1}, {"CHAOS", 3}, {"CH", 3}}};
constexpr std::size_t longest_type = 10;  // "NSEC3PARAM"

void read_question(json_fields const& fields, o& out)
{
    for (auto const* name : {"query_class", "query_type", "query_argument"})
        if (fields.find(name) == nullptr) fields.missing(name);
    fields.read("query_class", classes, out.query_class);
    if (auto const type = fields.text("query_type", longest_type)) {
        auto const number = dns_type_named(*type);
        if (!number) fields.complain("query_type", '"' + *type + "\" is not a valid choice.");
        out.query_type = number.value_or(out.query_type);
    }
    fields.read_visible("query_argument", o::longest_argument, out.query_argument);
    auto const* argument = fields.find("query_argument");
    if (argument != nullptr && argument->is_string() && argument->get_string().empty())
        fields.complain("query_argument", "This field may not be blank.");
}

void read_transport(json_fields const& fields, o& out)
{
    fields.read("protocol", protocols, out.transport);
    bool encrypted = false;
    fields.read("tls", encrypted);
    if (encrypted) out.transport = dns_transport::tls;
    fields.read("retry", 0, o::most_retries, out.retry);
    fields.read("udp_payload_size", o::smallest_payload, o::largest_payload, out.udp_payload_size);
    fields.read("timeout", o::shortest_timeout, o::longest_timeout, out.timeout);
    // No "port": clients send that of other types, and mean nothing by it.
}

proto::options read(json_fields const& fields)
{
    o out;
    read_question(fields, out);
    read_transport(fields, out);
    fields.read("use_probe_resolver", out.use_probe_resolver);
    fields.read("set_rd_bit", out.set_rd_bit);
    fields.read("set_do_bit", out.set_do_bit);
    fields.read("set_cd_bit", out.set_cd_bit);
    fields.read("set_nsid_bit", out.set_nsid_bit);
    fields.read("set_cookie", out.set_cookie);
    fields.read("include_qbuf", out.include_qbuf);
    fields.read("include_abuf", out.include_abuf);
    fields.read("prepend_probe_id", out.prepend_probe_id);
    fields.read("use_macros", out.use_macros);
    return out;
}

void show(boost::json::object& out, proto::options const& told)
{
    auto const& options = std::get<o>(told);
    out["query_class"] = name_in(classes, options.query_class);
    out["query_type"] = dns_type_name(options.query_type);
    out["query_argument"] = options.query_argument;
    out["use_probe_resolver"] = options.use_probe_resolver;
    out["protocol"] = protocol_of(told);
    out["tls"] = options.transport == dns_transport::tls;
    out["retry"] = options.retry;
    out["udp_payload_size"] = options.udp_payload_size;
    out["timeout"] = options.timeout.count();
    out["set_rd_bit"] = options.set_rd_bit;
    out["set_do_bit"] = options.set_do_bit;
    out["set_cd_bit"] = options.set_cd_bit;
    out["set_nsid_bit"] = options.set_nsid_bit;
    out["set_cookie"] = options.set_cookie;
    out["include_qbuf"] = options.include_qbuf;
    out["include_abuf"] = options.include_abuf;
    out["prepend_probe_id"] = options.prepend_probe_id;
    out["use_macros"] = options.use_macros;
}

}  // namespace

measurement_type const dns_type{std::chrono::seconds{240}, read, show};

}  // namespace tp::api
