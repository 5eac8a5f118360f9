#include "proto/fields.hpp"

/// What a traceroute found, as it travels and is stored in a report.
namespace tp::proto {
namespace {

constexpr unsigned highest_octet = 255, highest_16_bits = 65'535, highest_label = (1U << 20) - 1;

void write(icmp_extension const& from, v1::IcmpExtension& to)
{
    to.set_version(from.version);
    to.set_rfc4884(from.rfc4884);
    for (auto const& object : from.objects) {
        auto& written = *to.add_objects();
        written.set_object_class(object.object_class);
        written.set_type(object.type);
        for (auto const& label : object.labels) {
            auto& one = *written.add_labels();
            one.set_label(label.label);
            one.set_experimental(label.experimental);
            one.set_bottom(label.bottom);
            one.set_ttl(label.ttl);
        }
    }
}

void write(trace_reply const& from, v1::TraceReply& to)
{
    to.set_from(octets_of(from.from));
    if (from.round_trip) to.set_round_trip_ns(from.round_trip->count());
    to.set_ttl(from.ttl);
    to.set_size(from.size);
    to.set_error(static_cast<std::uint32_t>(from.error));
    to.set_error_code(from.error_code);
    if (from.quoted_ttl) to.set_quoted_ttl(*from.quoted_ttl);
    if (from.tos) to.set_tos(*from.tos);
    if (from.quoted_tos) to.set_quoted_tos(*from.quoted_tos);
    to.set_quoted_destination(octets_of(from.quoted_destination));
    if (from.mtu) to.set_mtu(*from.mtu);
    if (from.tcp_flags) to.set_tcp_flags(*from.tcp_flags);
    if (from.mss) to.set_mss(*from.mss);
    if (from.hop_by_hop_size) to.set_hop_by_hop_size(*from.hop_by_hop_size);
    if (from.destination_option_size) to.set_destination_option_size(*from.destination_option_size);
    if (from.extension) write(*from.extension, *to.mutable_extension());
    to.set_duplicate(from.duplicate);
    if (from.late) to.set_late(*from.late);
}

icmp_object read(field_reader& in, v1::IcmpObject const& from)
{
    in.at_most(from.labels_size(), icmp_object::most_labels);
    icmp_object out{.object_class = in.within(from.object_class(), 0U, highest_octet),
                    .type = in.within(from.type(), 0U, highest_octet),
                    .labels = {}};
    for (auto const& label : from.labels())
        out.labels.push_back({.label = in.within(label.label(), 0U, highest_label),
                              .experimental = in.within(label.experimental(), 0U, 7U),
                              .bottom = label.bottom(),
                              .ttl = in.within(label.ttl(), 0U, highest_octet)});
    return out;
}

icmp_extension read(field_reader& in, v1::IcmpExtension const& from)
{
    in.at_most(from.objects_size(), icmp_extension::most_objects);
    icmp_extension out{.version = in.within(from.version(), 0U, 15U), .rfc4884 = from.rfc4884(), .objects = {}};
    for (auto const& object : from.objects()) out.objects.push_back(read(in, object));
    return out;
}

std::optional<unsigned> read_optional(field_reader& in, bool there, std::uint32_t value, unsigned highest)
{
    if (!there) return std::nullopt;
    return in.within(value, 0U, highest);
}

trace_reply read(field_reader& in, v1::TraceReply const& from)
{
    auto const error = in.within(from.error(), 0U, static_cast<std::uint32_t>(trace_error::other));
    trace_reply out{
        .from = in.address(from.from()),
        .round_trip = {},
        .ttl = in.within(from.ttl(), 0U, highest_octet),
        .size = in.within(from.size(), 0U, highest_16_bits),
        .error = static_cast<trace_error>(error),
        .error_code = in.within(from.error_code(), 0U, highest_octet),
        .quoted_ttl = read_optional(in, from.has_quoted_ttl(), from.quoted_ttl(), highest_octet),
        .tos = read_optional(in, from.has_tos(), from.tos(), highest_octet),
        .quoted_tos = read_optional(in, from.has_quoted_tos(), from.quoted_tos(), highest_octet),
        .quoted_destination = in.address(from.quoted_destination()),
        .mtu = from.has_mtu() ? std::optional<unsigned>(from.mtu()) : std::nullopt,
        .tcp_flags = read_optional(in, from.has_tcp_flags(), from.tcp_flags(), highest_octet),
        .mss = read_optional(in, from.has_mss(), from.mss(), highest_16_bits),
        .hop_by_hop_size = read_optional(in, from.has_hop_by_hop_size(), from.hop_by_hop_size(), highest_16_bits),
        .destination_option_size =
            read_optional(in, from.has_destination_option_size(), from.destination_option_size(), highest_16_bits),
        .extension = {},
        .duplicate = from.duplicate(),
        .late = read_optional(in, from.has_late(), from.late(), highest_16_bits)};
    if (from.has_round_trip_ns()) out.round_trip = in.fine_span(from.round_trip_ns());
    if (from.has_extension()) out.extension = read(in, from.extension());
    return out;
}

trace_hop read(field_reader& in, v1::TraceHop const& from)
{
    in.at_most(from.replies_size(), trace_hop::most_replies);
    trace_hop out{.hop = in.within(from.hop(), 1U, traceroute_options::highest_hop),
                  .error = in.text(from.error()),
                  .replies = {}};
    for (auto const& reply : from.replies()) out.replies.push_back(read(in, reply));
    return out;
}

}  // namespace

void put(v1::Report& report, traceroute_report const& from)
{
    auto& to = *report.mutable_traceroute();
    to.set_protocol(static_cast<v1::TraceProtocol>(from.protocol));
    to.set_paris_id(from.paris_id);
    to.set_size(from.size);
    to.set_ended_ns(to_wire(from.ended));
    to.set_stopped_by(static_cast<std::uint32_t>(from.stopped_by));
    to.set_unprivileged(from.unprivileged);
    for (auto const& hop : from.hops) {
        auto& written = *to.add_hops();
        written.set_hop(hop.hop);
        written.set_error(clean_text(hop.error));
        for (auto const& reply : hop.replies) write(reply, *written.add_replies());
    }
}

traceroute_report read_traceroute(field_reader& in, v1::TracerouteReport const& from)
{
    in.at_most(from.hops_size(), traceroute_report::most_hops);
    auto const protocol = in.within<int>(from.protocol(), v1::TRACE_ICMP, v1::TRACE_TCP);
    auto const end = in.within(from.stopped_by(), static_cast<std::uint32_t>(trace_end::reached),
                               static_cast<std::uint32_t>(trace_end::send_error));
    traceroute_report out{.protocol = static_cast<trace_protocol>(protocol),
                          .paris_id = in.within(from.paris_id(), 0U, traceroute_options::most_paris),
                          .size = in.within(from.size(), 0U, traceroute_options::largest_size),
                          .ended = in.time(from.ended_ns()),
                          .stopped_by = static_cast<trace_end>(end),
                          .unprivileged = from.unprivileged(),
                          .hops = {}};
    for (auto const& hop : from.hops()) out.hops.push_back(read(in, hop));
    return out;
}

}  // namespace tp::proto
