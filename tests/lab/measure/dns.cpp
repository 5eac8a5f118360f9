#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/lab/measure/types.hpp"

namespace tp::lab {
namespace {

constexpr std::array<std::string_view, 3> transports{"udp", "tcp", "tls"};

void read_transport(words& from, proto::dns_transport& to)
{
    std::string name;
    from.read("transport", name);
    if (name.empty()) return;
    auto const found = std::find(transports.begin(), transports.end(), name);
    if (found == transports.end()) throw std::runtime_error("transport: udp, tcp or tls");
    to = static_cast<proto::dns_transport>(found - transports.begin() + 1);
}

boost::json::object to_json(proto::dns_exchange const& from)
{
    return {{"server", value_of(from.server)},
            {"source", value_of(from.source)},
            {"port", from.port},
            {"at", value_of(from.at)},
            {"retries", from.retries},
            {"query_base64", base64(from.query)},
            {"answer_base64", base64(from.answer)},
            {"answer_head_base64", base64(from.answer_head)},
            {"answer_size", from.answer_size},
            {"round_trip", value_of(from.round_trip)},
            {"ttl", value_of(from.ttl)},
            {"connect_time", value_of(from.connect_time)},
            {"tls_version", from.tls_version},
            {"cookie_mismatch", from.cookie_mismatch},
            {"wrong_ids", from.wrong_ids},
            {"error_name", from.error_name},
            {"error_text", from.error_text}};
}

}  // namespace

void read(words& from, proto::dns_options& to)
{
    read_transport(from, to.transport);
    from.read("query_class", to.query_class);
    from.read("query_type", to.query_type);
    from.read("query_argument", to.query_argument);
    from.read("use_probe_resolver", to.use_probe_resolver);
    from.read("retry", to.retry);
    from.read("udp_payload_size", to.udp_payload_size);
    from.read("set_rd_bit", to.set_rd_bit);
    from.read("set_do_bit", to.set_do_bit);
    from.read("set_cd_bit", to.set_cd_bit);
    from.read("set_nsid_bit", to.set_nsid_bit);
    from.read("set_cookie", to.set_cookie);
    from.read("include_qbuf", to.include_qbuf);
    from.read("include_abuf", to.include_abuf);
    from.read("prepend_probe_id", to.prepend_probe_id);
    from.read("use_macros", to.use_macros);
    from.read("timeout", to.timeout);
    from.read("port", to.port);
}

boost::json::object to_json(proto::dns_report const& from)
{
    boost::json::array exchanges;
    for (auto const& one : from.exchanges) exchanges.push_back(to_json(one));
    return {{"transport", transports.at(static_cast<std::size_t>(from.transport) - 1)},
            {"by_resolvers", from.by_resolvers},
            {"exchanges", exchanges}};
}

}  // namespace tp::lab
