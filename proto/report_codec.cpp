#include <google/protobuf/io/coded_stream.h>

#include "proto/fields.hpp"

namespace tp::proto {
namespace {

using google::protobuf::io::CodedInputStream;

constexpr std::size_t longest_seen_from = 2 + 1 + 16;  // octets that with_seen_from() adds: tag, length, IPv6 address

failure read_failure(field_reader& in, v1::Failure const& from)
{
    auto const source = in.within<int>(from.source(), v1::SOURCE_TARGET, v1::SOURCE_GUARD);
    return {.source = static_cast<failure_source>(source), .text = in.text(from.text())};
}

result<report> read(v1::Report const& from)
{
    if (from.found_case() == v1::Report::FOUND_NOT_SET) return errc::unsupported;
    field_reader in;
    report out{.software = in.text(from.software()),
               .since_clock_sync = std::chrono::seconds{-1},
               .af = in.read_family(from.af()),
               .target = in.text(from.target(), job::longest_target),
               .destination = in.address(from.destination()),
               .source = in.address(from.source()),
               .resolve_time = {},
               .failed = {},
               .clock = static_cast<clock_kind>(in.within<int>(from.clock(), v1::CLOCK_UNSPECIFIED, v1::CLOCK_KERNEL)),
               .planned = {},
               .jobs_beside = from.jobs_beside(),
               .seen_from = in.address(from.seen_from()),
               .found = read_findings(in, from)};
    if (from.has_since_clock_sync_ms()) out.since_clock_sync = in.span(from.since_clock_sync_ms());
    if (from.has_resolve_time_ns()) out.resolve_time = in.fine_span(from.resolve_time_ns());
    if (from.has_planned_ns()) out.planned = in.time(from.planned_ns());
    if (from.has_failed()) out.failed = read_failure(in, from.failed());
    return in.finish(std::move(out));
}

// Moves past one field and returns its number, or 0 when no whole field follows. Groups are not ours.
std::uint32_t skip_field(CodedInputStream& in)
{
    enum wire_type { varint = 0, fixed64 = 1, counted = 2, fixed32 = 5 };
    auto const tag = in.ReadTagNoLastTag();
    auto const number = tag >> 3;
    std::uint64_t value = 0;
    int length = 0;
    switch (tag & 7) {
        case varint:
            return in.ReadVarint64(&value) ? number : 0;
        case fixed64:
            return in.Skip(8) ? number : 0;
        case counted:
            return in.ReadVarintSizeAsInt(&length) && in.Skip(length) ? number : 0;
        case fixed32:
            return in.Skip(4) ? number : 0;
        default:
            return 0;
    }
}

}  // namespace

std::string encode(report const& value)
{
    v1::Report out;
    out.set_software(clean_text(value.software));
    if (value.since_clock_sync.count() >= 0) out.set_since_clock_sync_ms(to_wire(value.since_clock_sync));
    out.set_af(to_wire(value.af));
    out.set_target(value.target);
    out.set_destination(octets_of(value.destination));
    out.set_source(octets_of(value.source));
    if (value.resolve_time) out.set_resolve_time_ns(value.resolve_time->count());
    if (value.failed) {
        out.mutable_failed()->set_source(static_cast<v1::FailureSource>(value.failed->source));
        out.mutable_failed()->set_text(clean_text(value.failed->text));
    }
    out.set_clock(static_cast<v1::Clock>(value.clock));
    if (value.planned) out.set_planned_ns(to_wire(*value.planned));
    out.set_jobs_beside(value.jobs_beside);
    out.set_seen_from(octets_of(value.seen_from));
    write(value.found, out);
    return out.SerializeAsString();
}

result<report> decode_report(std::string_view octets)
{
    auto const message = parse<v1::Report>(octets, largest_report + longest_seen_from);
    if (!message) return message.error();
    return read(*message);
}

// The probe wrote these octets, and it must not choose its own address: one that ends its report in the middle of an
// unknown field would have the appended octets read as that field's. So only whole fields are kept.
std::string with_seen_from(std::string encoded_report, ip_address const& address)
{
    std::string out;
    out.reserve(encoded_report.size() + longest_seen_from);
    CodedInputStream in(reinterpret_cast<std::uint8_t const*>(encoded_report.data()),
                        static_cast<int>(encoded_report.size()));
    int start = 0;
    for (auto number = skip_field(in); number; number = skip_field(in)) {
        auto const end = in.CurrentPosition();
        if (number != v1::Report::kSeenFromFieldNumber)
            out.append(encoded_report, static_cast<std::size_t>(start), static_cast<std::size_t>(end - start));
        start = end;
    }
    v1::Report appended;
    appended.set_seen_from(octets_of(address));
    appended.AppendToString(&out);
    return out;
}

}  // namespace tp::proto
