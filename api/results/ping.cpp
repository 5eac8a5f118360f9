#include "api/results/ping.hpp"

#include <algorithm>

#include "api/results/text.hpp"

namespace tp::api {
namespace {

using std::chrono::nanoseconds;

/// Writes members of one JSON object, with the commas.
class members {
public:
    explicit members(std::string& out) : out_(out) { out_.push_back('{'); }
    void text(std::string_view name, std::string_view value)
    {
        begin(name);
        append_string(out_, value);
    }
    void number(std::string_view name, std::int64_t value)
    {
        begin(name);
        append_number(out_, value);
    }
    void milliseconds(std::string_view name, nanoseconds value)
    {
        begin(name);
        append_milliseconds(out_, value);
    }
    void begin(std::string_view name)
    {
        if (!first_) out_.push_back(',');
        first_ = false;
        out_.push_back('"');
        out_.append(name).append("\":");
    }
    void end() { out_.push_back('}'); }

private:
    std::string& out_;
    bool first_ = true;
};

struct summary {
    std::int64_t sent = 0, received = 0, duplicates = 0;
    nanoseconds least = nanoseconds::max(), most{0}, sum{0};
    std::optional<unsigned> ttl;  // of the first reply
};

summary summarise(proto::ping_report const& found)
{
    summary out;
    for (auto const& packet : found.packets) {
        ++out.sent;
        out.duplicates += packet.duplicates;
        if (!packet.round_trip) continue;
        ++out.received;
        out.least = std::min(out.least, *packet.round_trip);
        out.most = std::max(out.most, *packet.round_trip);
        out.sum += *packet.round_trip;
        if (!out.ttl) out.ttl = packet.ttl;
    }
    return out;
}

/// "size" and "ttl" are told once for the whole result, and again where a reply differs.
void append_packet(std::string& out, proto::ping_packet const& packet, std::optional<unsigned> usual_ttl)
{
    members fields(out);
    if (packet.round_trip) {
        fields.milliseconds("rtt", *packet.round_trip);
        if (packet.ttl && packet.ttl != usual_ttl) fields.number("ttl", *packet.ttl);
        if (packet.size) fields.number("size", *packet.size);
        if (packet.source) fields.text("src_addr", packet.source->to_string());
    } else if (!packet.error.empty()) {
        fields.text("error", packet.error);
    } else {
        fields.text("x", "*");
    }
    fields.end();
}

void append_packets(std::string& out, proto::report const& report, summary const& total)
{
    out.push_back('[');
    if (report.failed) {
        members fields(out);
        fields.text("error", report.failed->text);
        fields.end();
    } else {
        bool first = true;
        for (auto const& packet : std::get<proto::ping_report>(report.found).packets) {
            if (!first) out.push_back(',');
            first = false;
            append_packet(out, packet, total.ttl);
        }
    }
    out.push_back(']');
}

void write_envelope(members& fields, proto::report const& report)
{
    fields.number("fw", shown_firmware);
    fields.text("mver", report.software);
    fields.number("lts", report.since_clock_sync.count());
    fields.text("dst_name", report.target);
    fields.number("af", static_cast<int>(report.af));
    if (report.destination) fields.text("dst_addr", report.destination->to_string());
    if (report.source) fields.text("src_addr", report.source->to_string());
    if (report.resolve_time) fields.milliseconds("ttr", *report.resolve_time);
    fields.text("proto", "ICMP");
}

void write_summary(members& fields, summary const& total)
{
    fields.number("dup", total.duplicates);
    fields.number("rcvd", total.received);
    fields.number("sent", total.sent);
    if (total.received == 0) {
        for (auto const* name : {"min", "max", "avg"}) fields.number(name, -1);
        return;
    }
    fields.milliseconds("min", total.least);
    fields.milliseconds("max", total.most);
    fields.milliseconds("avg", nanoseconds(total.sum.count() / total.received));
}

void write_origin(members& fields, store::result_row const& row, proto::report const& report,
                  result_context const& context)
{
    auto const& from = report.seen_from ? report.seen_from : report.source;
    fields.number("msm_id", row.measurement.value());
    fields.number("prb_id", row.probe.value());
    fields.number("timestamp", to_unix_seconds(row.timestamp));
    fields.text("msm_name", "Ping");
    fields.text("from", from ? from->to_string() : std::string());
    fields.text("type", "ping");
    fields.number("group_id", context.group);
    fields.begin("step");
}

}  // namespace

void append_ping(std::string& out, store::result_row const& row, proto::report const& report,
                 result_context const& context)
{
    auto const& found = std::get<proto::ping_report>(report.found);
    auto const total = summarise(report.failed ? proto::ping_report{} : found);
    members fields(out);
    write_envelope(fields, report);
    if (total.ttl) fields.number("ttl", *total.ttl);
    fields.number("size", found.size);
    fields.begin("result");
    append_packets(out, report, total);
    write_summary(fields, total);
    write_origin(fields, row, report, context);
    if (context.step) {
        append_number(out, context.step->count());
    } else {
        out += "null";
    }
    fields.number("stored_timestamp", to_unix_seconds(row.stored_at));
    fields.end();
}

bool append_result(std::string& out, store::result_row const& row, result_context const& context)
{
    if (row.kind != static_cast<std::int16_t>(proto::result_kind::ping)) return false;
    auto const report = proto::decode_report(row.payload);
    if (!report || !std::holds_alternative<proto::ping_report>(report->found)) return false;
    append_ping(out, row, *report, context);
    return true;
}

}  // namespace tp::api
