#include "api/results/result.hpp"

#include <array>

#include "api/results/types.hpp"
#include "proto/kind_names.hpp"

namespace tp::api {
namespace {

using writer = void (*)(json_object& fields, proto::report const& report);

/// In the order of proto::result_kind.
constexpr std::array<writer, 6> writers{write_ping, write_traceroute, write_dns, write_http, write_sslcert, write_ntp};

std::string_view name_of(proto::clock_kind clock) noexcept
{
    using enum proto::clock_kind;
    return clock == kernel ? "kernel" : clock == kernel_receive ? "kernel-receive" : "user";
}

std::string_view name_of(proto::failure_source source) noexcept
{
    static constexpr std::array<std::string_view, 6> names{"unknown", "target", "resolver",
                                                           "network", "probe",  "guard"};
    auto const number = static_cast<std::size_t>(source);
    return number < names.size() ? names[number] : names[0];
}

void write_probe(json_object& fields, proto::report const& report)
{
    fields.number("fw", shown_firmware);
    fields.text("mver", report.software);
    fields.number("lts", report.since_clock_sync.count());
}

void write_measurement(json_object& fields, store::result_row const& row, proto::report const& report,
                       result_context const& context)
{
    auto const kind = proto::kind_of(report.found);
    auto const& names = proto::names_of(kind);
    auto const& from = report.seen_from ? report.seen_from : report.source;
    fields.number("msm_id", row.measurement.value());
    fields.number("prb_id", row.probe.value());
    fields.number("timestamp", to_unix_seconds(row.timestamp));
    fields.text("msm_name", names.result);
    fields.text("from", from ? from->to_string() : std::string());
    fields.text("type", names.type);
    fields.number("group_id", context.group);
    if (kind == proto::result_kind::ping) {
        if (context.step) {
            fields.number("step", context.step->count());
        } else {
            fields.null("step");
        }
    }
    fields.number("stored_timestamp", to_unix_seconds(row.stored_at));
}

void write_circumstances(json_object& fields, store::result_row const& row, proto::report const& report)
{
    if (report.clock != proto::clock_kind::none) fields.text("clock", name_of(report.clock));
    if (report.planned) {
        fields.seconds("planned", report.planned->time_since_epoch());
        fields.seconds("started", row.timestamp.time_since_epoch());
        fields.number("jobs_beside", report.jobs_beside);
    }
    if (report.failed) fields.text("failure_source", name_of(report.failed->source));
    if ((row.flags & store::flag_isolated) != 0) fields.flag("flagged", true);
}

}  // namespace

void write_addresses(json_object& fields, proto::report const& report)
{
    fields.text("dst_name", report.target);
    fields.number("af", static_cast<int>(report.af));
    if (report.destination) fields.text("dst_addr", report.destination->to_string());
    if (report.source) fields.text("src_addr", report.source->to_string());
    if (report.resolve_time) fields.milliseconds("ttr", *report.resolve_time);
}

void write_fetch_failure(json_object& fields, proto::failure const& failed)
{
    using enum proto::failure_source;
    auto const* const name = failed.source == resolver ? "dnserr"
                             : failed.source == probe  ? "sockerr"
                             : failed.source == guard  ? "error"
                                                       : "err";
    fields.text(name, failed.text);
}

void append_report(std::string& out, store::result_row const& row, proto::report const& report,
                   result_context const& context)
{
    json_object fields(out);
    write_probe(fields, report);
    writers[report.found.index()](fields, report);
    write_measurement(fields, row, report, context);
    write_circumstances(fields, row, report);
}

bool append_result(std::string& out, store::result_row const& row, result_context const& context)
{
    auto const report = proto::decode_report(row.payload);
    if (!report || static_cast<std::int16_t>(proto::kind_of(report->found)) != row.kind) return false;
    append_report(out, row, *report, context);
    return true;
}

}  // namespace tp::api
