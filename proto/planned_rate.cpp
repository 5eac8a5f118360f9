#include "proto/planned_rate.hpp"

#include <algorithm>

namespace tp::proto {
namespace {

using seconds = std::chrono::duration<double>;

constexpr double stream_packets = 6;  // SYN, ACK, request, ACK, FIN, ACK
constexpr double tls_packets = 4;     // more, for the handshake
constexpr double segment = 1'400;     // octets of a body that one acknowledgement stands for

/// Packets of one run, and how long it takes to send them when nothing is answered.
struct run {
    double packets = 0;
    seconds length{0};
};

run run_of(ping_options const& ping)
{
    return {static_cast<double>(ping.packets), ping.packets * ping.packet_interval};
}

run run_of(traceroute_options const& trace)
{
    // It ends after so many silent hops, and one more; what answers is reached by all of them.
    auto const hops = trace.max_hops >= trace.first_hop ? trace.max_hops - trace.first_hop + 1 : 1;
    auto const packets = hops * trace.packets;
    return {static_cast<double>(packets), std::min(hops, traceroute_options::gap_limit) * trace.response_timeout};
}

run run_of(dns_options const& dns)
{
    if (dns.transport == dns_transport::udp) return {1.0 + dns.retry, (1 + dns.retry) * dns.timeout};
    return {stream_packets + (dns.transport == dns_transport::tls ? tls_packets : 0), dns.timeout};
}

run run_of(http_options const& http)
{
    auto const body = http.max_bytes_read.value_or(http_options::usual_body_bytes);
    return {stream_packets + (http.port == 443 ? tls_packets : 0) + body / segment, seconds(0)};
}

run run_of(tls_options const&)
{
    return {stream_packets + tls_packets, seconds(0)};
}

run run_of(ntp_options const& ntp)
{
    return {static_cast<double>(ntp.packets), seconds(0)};
}

}  // namespace

double packets_per_second(job const& told) noexcept
{
    auto const one = std::visit([](auto const& chosen) { return run_of(chosen); }, told.options);
    if (told.when.interval) return one.packets / seconds(*told.when.interval).count();
    return one.packets / std::max<seconds>(one.length + told.when.spread, shortest_run).count();
}

}  // namespace tp::proto
