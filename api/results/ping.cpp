#include <algorithm>

#include "api/results/types.hpp"

namespace tp::api {
namespace {

using std::chrono::nanoseconds;

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
void write_packet(json_object& fields, proto::ping_packet const& packet, std::optional<unsigned> usual_ttl)
{
    if (packet.round_trip) {
        fields.milliseconds("rtt", *packet.round_trip);
        if (packet.ttl && packet.ttl != usual_ttl) fields.number("ttl", *packet.ttl);
        if (packet.size) fields.number("size", *packet.size);
        if (packet.source) fields.text("src_addr", packet.source->to_string());
        if (packet.late) fields.flag("late", true);
    } else if (!packet.error.empty()) {
        fields.text("error", packet.error);
        if (packet.source) fields.text("src_addr", packet.source->to_string());
    } else {
        fields.text("x", "*");
    }
}

void write_packets(json_array& list, proto::report const& report, summary const& total)
{
    if (report.failed) return list.object().text("error", report.failed->text);
    for (auto const& packet : std::get<proto::ping_report>(report.found).packets) {
        auto fields = list.object();
        write_packet(fields, packet, total.ttl);
    }
}

void write_summary(json_object& fields, summary const& total)
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

}  // namespace

void write_ping(json_object& fields, proto::report const& report)
{
    auto const& found = std::get<proto::ping_report>(report.found);
    auto const total = summarise(report.failed ? proto::ping_report{} : found);
    write_addresses(fields, report);
    fields.text("proto", "ICMP");
    if (total.ttl) fields.number("ttl", *total.ttl);
    fields.number("size", found.size);
    {
        auto list = fields.array("result");
        write_packets(list, report, total);
    }
    write_summary(fields, total);
}

}  // namespace tp::api
