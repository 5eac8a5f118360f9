#include <limits>

#include "proto/fields.hpp"

/// What each type of measurement found, as it travels and is stored in a report. Traceroute: trace_codec.cpp.
namespace tp::proto {
namespace {

constexpr unsigned highest_octet = 255, highest_16_bits = 65'535;
constexpr std::size_t largest_message = 65'535;  // octets of a DNS message
constexpr std::size_t longest_front = dns_exchange::longest_head - dns_exchange::head_length;
constexpr std::size_t longest_uri = 4096;  // octets

// ---- ping

void write(ping_packet const& from, v1::PingPacket& to)
{
    if (from.round_trip) to.set_round_trip_ns(from.round_trip->count());
    if (from.ttl) to.set_ttl(*from.ttl);
    if (from.size) to.set_size(*from.size);
    to.set_source(octets_of(from.source));
    to.set_error(clean_text(from.error));
    to.set_duplicates(from.duplicates);
    to.set_late(from.late);
}

void put(v1::Report& out, ping_report const& from)
{
    auto& to = *out.mutable_ping();
    to.set_size(from.size);
    for (auto const& packet : from.packets) write(packet, *to.add_packets());
}

ping_packet read(field_reader& in, v1::PingPacket const& from)
{
    ping_packet out{.round_trip = {},
                    .ttl = {},
                    .size = {},
                    .source = in.address(from.source()),
                    .error = in.text(from.error()),
                    .duplicates = from.duplicates(),
                    .late = from.late()};
    if (from.has_round_trip_ns()) out.round_trip = in.fine_span(from.round_trip_ns());
    if (from.has_ttl()) out.ttl = in.within(from.ttl(), 0U, highest_octet);
    if (from.has_size()) out.size = in.within(from.size(), 0U, highest_16_bits);
    return out;
}

ping_report read(field_reader& in, v1::PingReport const& from)
{
    in.at_most(from.packets_size(), ping_report::most_packets);
    ping_report out{.size = in.within(from.size(), 0U, highest_16_bits), .packets = {}};
    for (auto const& packet : from.packets()) out.packets.push_back(read(in, packet));
    return out;
}

// ---- dns

void write(dns_exchange const& from, v1::DnsExchange& to)
{
    to.set_server(octets_of(from.server));
    to.set_source(octets_of(from.source));
    to.set_port(from.port);
    to.set_at_ns(to_wire(from.at));
    to.set_retries(from.retries);
    to.set_query(from.query);
    to.set_answer(from.answer);
    to.set_answer_size(static_cast<std::uint32_t>(from.answer_size));
    if (from.round_trip) to.set_round_trip_ns(from.round_trip->count());
    if (from.ttl) to.set_ttl(*from.ttl);
    if (from.connect_time) to.set_connect_time_ns(from.connect_time->count());
    to.set_tls_version(clean_text(from.tls_version, longest_name));
    to.set_cookie_mismatch(from.cookie_mismatch);
    to.set_error_name(clean_text(from.error_name, longest_name));
    to.set_error_text(clean_text(from.error_text));
    to.set_answer_head(from.answer_head.substr(0, dns_exchange::head_length));
    if (from.answer_head.size() > dns_exchange::head_length)
        to.set_answer_front(from.answer_head.substr(dns_exchange::head_length));
    to.set_wrong_ids(from.wrong_ids);
}

void put(v1::Report& out, dns_report const& from)
{
    auto& to = *out.mutable_dns();
    to.set_transport(static_cast<v1::DnsTransport>(from.transport));
    to.set_by_resolvers(from.by_resolvers);
    for (auto const& exchange : from.exchanges) write(exchange, *to.add_exchanges());
}

dns_exchange read(field_reader& in, v1::DnsExchange const& from)
{
    dns_exchange out{.server = in.address(from.server()),
                     .source = in.address(from.source()),
                     .port = static_cast<std::uint16_t>(in.within(from.port(), 0U, highest_16_bits)),
                     .at = in.time(from.at_ns()),
                     .retries = from.retries(),
                     .query = in.octets(from.query(), largest_message),
                     .answer = in.octets(from.answer(), largest_message),
                     .answer_head = in.octets(from.answer_head(), dns_exchange::head_length) +
                                    in.octets(from.answer_front(), longest_front),
                     .answer_size = in.within<std::uint32_t>(from.answer_size(), 0, largest_message),
                     .round_trip = {},
                     .ttl = {},
                     .connect_time = {},
                     .tls_version = in.text(from.tls_version(), longest_name),
                     .cookie_mismatch = from.cookie_mismatch(),
                     .wrong_ids = from.wrong_ids(),
                     .error_name = in.text(from.error_name(), longest_name),
                     .error_text = in.text(from.error_text())};
    if (from.has_round_trip_ns()) out.round_trip = in.fine_span(from.round_trip_ns());
    if (from.has_ttl()) out.ttl = in.within(from.ttl(), 0U, highest_octet);
    if (from.has_connect_time_ns()) out.connect_time = in.fine_span(from.connect_time_ns());
    return out;
}

dns_report read(field_reader& in, v1::DnsReport const& from)
{
    in.at_most(from.exchanges_size(), dns_report::most_exchanges);
    auto const transport = in.within<int>(from.transport(), v1::DNS_UDP, v1::DNS_TLS);
    dns_report out{
        .transport = static_cast<dns_transport>(transport), .by_resolvers = from.by_resolvers(), .exchanges = {}};
    for (auto const& exchange : from.exchanges()) out.exchanges.push_back(read(in, exchange));
    return out;
}

// ---- http

void put(v1::Report& out, http_report const& from)
{
    auto& to = *out.mutable_http();
    to.set_method(static_cast<v1::HttpMethod>(from.method));
    to.set_uri(clean_text(from.uri, longest_uri));
    if (from.status) to.set_status(*from.status);
    to.set_version(clean_text(from.version, longest_name));
    to.set_header_size(from.header_size);
    to.set_body_size(from.body_size);
    if (from.round_trip) to.set_round_trip_ns(from.round_trip->count());
    if (from.connect_time) to.set_connect_time_ns(from.connect_time->count());
    if (from.first_byte_time) to.set_first_byte_time_ns(from.first_byte_time->count());
    for (auto const& one : from.reads) {
        auto& written = *to.add_reads();
        written.set_offset(one.offset);
        written.set_at_ns(one.at.count());
    }
    for (auto const& line : from.headers) to.add_headers(clean_text(line, http_options::most_header_bytes));
    to.set_truncated(from.truncated);
}

/// Octets. Where a size has 32 bits, a larger number is none.
std::size_t read_size(field_reader& in, std::uint64_t octets)
{
    return static_cast<std::size_t>(in.within<std::uint64_t>(octets, 0, std::numeric_limits<std::size_t>::max()));
}

http_report read(field_reader& in, v1::HttpReport const& from)
{
    in.at_most(from.reads_size(), http_report::most_reads);
    in.at_most(from.headers_size(), http_report::most_headers);
    auto const method = in.within<int>(from.method(), v1::HTTP_GET, v1::HTTP_POST);
    http_report out{.method = static_cast<http_method>(method),
                    .uri = in.text(from.uri(), longest_uri),
                    .status = {},
                    .version = in.text(from.version(), longest_name),
                    .header_size = read_size(in, from.header_size()),
                    .body_size = read_size(in, from.body_size()),
                    .round_trip = {},
                    .connect_time = {},
                    .first_byte_time = {},
                    .reads = {},
                    .headers = {},
                    .truncated = from.truncated()};
    if (from.has_status()) out.status = in.within(from.status(), 0U, 999U);
    if (from.has_round_trip_ns()) out.round_trip = in.fine_span(from.round_trip_ns());
    if (from.has_connect_time_ns()) out.connect_time = in.fine_span(from.connect_time_ns());
    if (from.has_first_byte_time_ns()) out.first_byte_time = in.fine_span(from.first_byte_time_ns());
    for (auto const& one : from.reads()) out.reads.push_back({.offset = one.offset(), .at = in.fine_span(one.at_ns())});
    for (auto const& line : from.headers()) out.headers.push_back(in.text(line, http_options::most_header_bytes));
    return out;
}

// ---- tls

void put(v1::Report& out, tls_report const& from)
{
    auto& to = *out.mutable_tls();
    to.set_port(from.port);
    to.set_version(clean_text(from.version, longest_name));
    to.set_cipher(clean_text(from.cipher, longest_name));
    if (from.connect_time) to.set_connect_time_ns(from.connect_time->count());
    if (from.round_trip) to.set_round_trip_ns(from.round_trip->count());
    for (auto const& one : from.certificates) to.add_certificates(one);
    if (!from.alert) return;
    to.mutable_alert()->set_level(from.alert->level);
    to.mutable_alert()->set_description(from.alert->description);
}

tls_report read(field_reader& in, v1::TlsReport const& from)
{
    in.at_most(from.certificates_size(), tls_report::most_certificates);
    tls_report out{.port = static_cast<std::uint16_t>(in.within(from.port(), 0U, highest_16_bits)),
                   .version = in.text(from.version(), longest_name),
                   .cipher = in.text(from.cipher(), longest_name),
                   .connect_time = {},
                   .round_trip = {},
                   .certificates = {},
                   .alert = {}};
    if (from.has_connect_time_ns()) out.connect_time = in.fine_span(from.connect_time_ns());
    if (from.has_round_trip_ns()) out.round_trip = in.fine_span(from.round_trip_ns());
    for (auto const& one : from.certificates()) out.certificates.push_back(in.octets(one, tls_report::largest_chain));
    if (from.has_alert())
        out.alert = tls_alert{.level = in.within(from.alert().level(), 0U, highest_octet),
                              .description = in.within(from.alert().description(), 0U, highest_octet)};
    return out;
}

// ---- ntp

void write(ntp_packet const& from, v1::NtpPacket& to)
{
    to.set_error(clean_text(from.error));
    to.set_received(from.received);
    to.set_origin(from.origin);
    to.set_receive(from.receive);
    to.set_transmit(from.transmit);
    to.set_final(from.final);
    to.set_round_trip_ns(from.round_trip.count());
    to.set_offset_ns(from.offset.count());
    to.set_leap(from.leap);
    to.set_version(from.version);
    to.set_mode(from.mode);
    to.set_stratum(from.stratum);
    to.set_poll(from.poll);
    to.set_precision(from.precision);
    to.set_root_delay(from.root_delay);
    to.set_root_dispersion(from.root_dispersion);
    to.set_reference_id(from.reference_id);
    to.set_reference(from.reference);
}

void put(v1::Report& out, ntp_report const& from)
{
    auto& to = *out.mutable_ntp();
    for (auto const& packet : from.packets) write(packet, *to.add_packets());
}

ntp_packet read(field_reader& in, v1::NtpPacket const& from)
{
    constexpr int lowest = std::numeric_limits<std::int8_t>::min(), highest = std::numeric_limits<std::int8_t>::max();
    return {.error = in.text(from.error()),
            .received = from.received(),
            .origin = from.origin(),
            .receive = from.receive(),
            .transmit = from.transmit(),
            .final = from.final(),
            .round_trip = std::chrono::nanoseconds(from.round_trip_ns()),  // of two clocks: it may come out below zero
            .offset = std::chrono::nanoseconds(from.offset_ns()),
            .leap = in.within(from.leap(), 0U, 3U),
            .version = in.within(from.version(), 0U, 7U),
            .mode = in.within(from.mode(), 0U, 7U),
            .stratum = in.within(from.stratum(), 0U, highest_octet),
            .poll = in.within(from.poll(), lowest, highest),
            .precision = in.within(from.precision(), lowest, highest),
            .root_delay = from.root_delay(),
            .root_dispersion = from.root_dispersion(),
            .reference_id = from.reference_id(),
            .reference = from.reference()};
}

ntp_report read(field_reader& in, v1::NtpReport const& from)
{
    in.at_most(from.packets_size(), ntp_report::most_packets);
    ntp_report out;
    for (auto const& packet : from.packets()) out.packets.push_back(read(in, packet));
    return out;
}

}  // namespace

void write(findings const& from, v1::Report& to)
{
    std::visit([&](auto const& found) { put(to, found); }, from);
}

findings read_findings(field_reader& in, v1::Report const& from)
{
    switch (from.found_case()) {
        case v1::Report::kTraceroute:
            return read_traceroute(in, from.traceroute());
        case v1::Report::kDns:
            return read(in, from.dns());
        case v1::Report::kHttp:
            return read(in, from.http());
        case v1::Report::kTls:
            return read(in, from.tls());
        case v1::Report::kNtp:
            return read(in, from.ntp());
        default:
            return read(in, from.ping());
    }
}

}  // namespace tp::proto
