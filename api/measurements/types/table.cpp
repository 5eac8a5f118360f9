#include <array>

#include "api/measurements/types/types.hpp"

namespace tp::api {

measurement_type const& type_of(proto::result_kind kind) noexcept
{
    static constexpr std::array all{&ping_type, &traceroute_type, &dns_type, &http_type, &sslcert_type, &ntp_type};
    return *all[static_cast<std::size_t>(kind) - 1];
}

std::string protocol_of(proto::options const& told)
{
    if (auto const* trace = std::get_if<proto::traceroute_options>(&told)) {
        using enum proto::trace_protocol;
        return trace->protocol == icmp ? "ICMP" : trace->protocol == tcp ? "TCP" : "UDP";
    }
    // What runs over TLS runs over TCP: Atlas tells the one by "tls" and the other by "protocol".
    if (auto const* dns = std::get_if<proto::dns_options>(&told))
        return dns->transport == proto::dns_transport::udp ? "UDP" : "TCP";
    return {};
}

}  // namespace tp::api
