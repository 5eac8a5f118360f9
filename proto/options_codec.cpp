#include <algorithm>

#include "proto/fields.hpp"

/// The options of each type of measurement, as they travel in a job.
namespace tp::proto {
namespace {

using std::chrono::milliseconds;

constexpr unsigned highest_16_bits = 65'535;

void put(v1::Job& job, ping_options const& from)
{
    auto& to = *job.mutable_ping();
    to.set_packets(from.packets);
    to.set_size(from.size);
    to.set_packet_interval_ms(from.packet_interval.count());
    to.set_include_probe_id(from.include_probe_id);
}

void put(v1::Job& job, traceroute_options const& from)
{
    auto& to = *job.mutable_traceroute();
    to.set_protocol(static_cast<v1::TraceProtocol>(from.protocol));
    to.set_packets(from.packets);
    to.set_size(from.size);
    to.set_response_timeout_ms(from.response_timeout.count());
    if (from.duplicate_timeout) to.set_duplicate_timeout_ms(from.duplicate_timeout->count());
    to.set_paris(from.paris);
    to.set_first_hop(from.first_hop);
    to.set_max_hops(from.max_hops);
    to.set_port(from.port);
    to.set_destination_option_size(from.destination_option_size);
    to.set_hop_by_hop_option_size(from.hop_by_hop_option_size);
    to.set_dont_fragment(from.dont_fragment);
}

void put(v1::Job& job, dns_options const& from)
{
    auto& to = *job.mutable_dns();
    to.set_query_class(from.query_class);
    to.set_query_type(from.query_type);
    to.set_query_argument(from.query_argument);
    to.set_use_probe_resolver(from.use_probe_resolver);
    to.set_transport(static_cast<v1::DnsTransport>(from.transport));
    to.set_retry(from.retry);
    to.set_udp_payload_size(from.udp_payload_size);
    to.set_set_rd_bit(from.set_rd_bit);
    to.set_set_do_bit(from.set_do_bit);
    to.set_set_cd_bit(from.set_cd_bit);
    to.set_set_nsid_bit(from.set_nsid_bit);
    to.set_set_cookie(from.set_cookie);
    to.set_include_qbuf(from.include_qbuf);
    to.set_include_abuf(from.include_abuf);
    to.set_prepend_probe_id(from.prepend_probe_id);
    to.set_use_macros(from.use_macros);
    to.set_timeout_ms(from.timeout.count());
    to.set_port(from.port);
}

void put(v1::Job& job, http_options const& from)
{
    auto& to = *job.mutable_http();
    to.set_method(static_cast<v1::HttpMethod>(from.method));
    to.set_path(from.path);
    to.set_query_string(from.query_string);
    to.set_port(from.port);
    to.set_version_1_0(from.version_1_0);
    to.set_user_agent(from.user_agent);
    to.set_header_bytes(from.header_bytes);
    if (from.max_bytes_read) to.set_max_bytes_read(*from.max_bytes_read);
    to.set_extended_timing(from.extended_timing);
    to.set_more_extended_timing(from.more_extended_timing);
}

void put(v1::Job& job, tls_options const& from)
{
    auto& to = *job.mutable_tls();
    to.set_port(from.port);
    to.set_hostname(from.hostname);
}

void put(v1::Job& job, ntp_options const& from)
{
    auto& to = *job.mutable_ntp();
    to.set_packets(from.packets);
    to.set_timeout_ms(from.timeout.count());
}

std::uint16_t read_port(field_reader& in, std::uint32_t value, unsigned lowest = 1)
{
    return static_cast<std::uint16_t>(in.within(value, lowest, highest_16_bits));
}

/// What goes into a request as it is: no blanks, no controls, nothing that could end a line.
std::string read_printable(field_reader& in, std::string const& value, std::size_t most, char lowest = '!')
{
    in.require(std::all_of(value.begin(), value.end(), [&](char c) { return c >= lowest && c <= '~'; }));
    return in.octets(value, most);
}

ping_options read(field_reader& in, v1::PingOptions const& from)
{
    using o = ping_options;
    return {.packets = in.within(from.packets(), 1U, o::most_packets),
            .size = in.within(from.size(), 1U, o::largest_size),
            .packet_interval =
                in.within(milliseconds(from.packet_interval_ms()), o::shortest_interval, o::longest_interval),
            .include_probe_id = from.include_probe_id()};
}

traceroute_options read(field_reader& in, v1::TracerouteOptions const& from)
{
    using o = traceroute_options;
    auto const protocol = in.within<int>(from.protocol(), v1::TRACE_ICMP, v1::TRACE_TCP);
    o out{.protocol = static_cast<trace_protocol>(protocol),
          .packets = in.within(from.packets(), 1U, o::most_packets),
          .size = in.within(from.size(), 0U, o::largest_size),
          .response_timeout =
              in.within(milliseconds(from.response_timeout_ms()), o::shortest_timeout, o::longest_timeout),
          .duplicate_timeout = {},
          .paris = in.within(from.paris(), 0U, o::most_paris),
          .first_hop = in.within(from.first_hop(), 1U, o::highest_hop),
          .max_hops = in.within(from.max_hops(), 1U, o::highest_hop),
          .port = read_port(in, from.port()),
          .destination_option_size = in.within(from.destination_option_size(), 0U, o::largest_destination_option),
          .hop_by_hop_option_size = in.within(from.hop_by_hop_option_size(), 0U, o::largest_hop_by_hop_option),
          .dont_fragment = from.dont_fragment()};
    if (from.has_duplicate_timeout_ms())
        out.duplicate_timeout =
            in.within(milliseconds(from.duplicate_timeout_ms()), milliseconds(0), o::longest_timeout);
    return out;
}

dns_options read(field_reader& in, v1::DnsOptions const& from)
{
    using o = dns_options;
    auto const transport = in.within<int>(from.transport(), v1::DNS_UDP, v1::DNS_TLS);
    o out{.query_class = read_port(in, from.query_class(), 0),
          .query_type = read_port(in, from.query_type(), 0),
          .query_argument = in.text(from.query_argument(), o::longest_argument),
          .use_probe_resolver = from.use_probe_resolver(),
          .transport = static_cast<dns_transport>(transport),
          .retry = in.within(from.retry(), 0U, o::most_retries),
          .udp_payload_size = in.within(from.udp_payload_size(), o::smallest_payload, o::largest_payload),
          .set_rd_bit = from.set_rd_bit(),
          .set_do_bit = from.set_do_bit(),
          .set_cd_bit = from.set_cd_bit(),
          .set_nsid_bit = from.set_nsid_bit(),
          .set_cookie = from.set_cookie(),
          .include_qbuf = from.include_qbuf(),
          .include_abuf = from.include_abuf(),
          .prepend_probe_id = from.prepend_probe_id(),
          .use_macros = from.use_macros(),
          .timeout = in.within(milliseconds(from.timeout_ms()), o::shortest_timeout, o::longest_timeout),
          .port = read_port(in, from.port(), 0)};
    in.require(out.port_fits());
    return out;
}

http_options read(field_reader& in, v1::HttpOptions const& from)
{
    using o = http_options;
    auto const method = in.within<int>(from.method(), v1::HTTP_GET, v1::HTTP_POST);
    o out{.method = static_cast<http_method>(method),
          .path = read_printable(in, from.path(), o::longest_path),
          .query_string = read_printable(in, from.query_string(), o::longest_query),
          .port = read_port(in, from.port()),
          .version_1_0 = from.version_1_0(),
          .user_agent = read_printable(in, from.user_agent(), o::longest_user_agent, ' '),
          .header_bytes = in.within(from.header_bytes(), 0U, o::most_header_bytes),
          .max_bytes_read = {},
          .extended_timing = from.extended_timing(),
          .more_extended_timing = from.more_extended_timing()};
    in.require(out.path.starts_with('/'));
    if (from.has_max_bytes_read()) out.max_bytes_read = in.within(from.max_bytes_read(), 1U, o::most_body_bytes);
    return out;
}

tls_options read(field_reader& in, v1::TlsOptions const& from)
{
    return {.port = read_port(in, from.port()),
            .hostname = read_printable(in, from.hostname(), tls_options::longest_hostname)};
}

ntp_options read(field_reader& in, v1::NtpOptions const& from)
{
    using o = ntp_options;
    return {.packets = in.within(from.packets(), 1U, o::most_packets),
            .timeout = in.within(milliseconds(from.timeout_ms()), o::shortest_timeout, o::longest_timeout)};
}

}  // namespace

void write(options const& from, v1::Job& to)
{
    std::visit([&](auto const& told) { put(to, told); }, from);
}

options read_options(field_reader& in, v1::Job const& from)
{
    switch (from.options_case()) {
        case v1::Job::kTraceroute:
            return read(in, from.traceroute());
        case v1::Job::kDns:
            return read(in, from.dns());
        case v1::Job::kHttp:
            return read(in, from.http());
        case v1::Job::kTls:
            return read(in, from.tls());
        case v1::Job::kNtp:
            return read(in, from.ntp());
        default:
            return read(in, from.ping());
    }
}

}  // namespace tp::proto
