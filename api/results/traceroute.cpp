#include <array>

#include "api/results/types.hpp"

namespace tp::api {
namespace {

std::string_view name_of(proto::trace_protocol protocol) noexcept
{
    using enum proto::trace_protocol;
    return protocol == icmp ? "ICMP" : protocol == tcp ? "TCP" : "UDP";
}

std::string_view name_of(proto::trace_end end) noexcept
{
    static constexpr std::array<std::string_view, 6> names{"",          "reached",     "hop_limit",
                                                           "gap_limit", "unreachable", "send_error"};
    auto const number = static_cast<std::size_t>(end);
    return number < names.size() ? names[number] : names[0];
}

/// Atlas has letters for what ICMP says often, and the code for the rest.
void write_error(json_object& fields, proto::trace_reply const& reply)
{
    static constexpr std::array<std::string_view, 7> letters{"", "N", "H", "P", "p", "A", "h"};
    auto const number = static_cast<std::size_t>(reply.error);
    if (reply.error == proto::trace_error::none) return;
    if (number < letters.size()) return fields.text("err", letters[number]);
    fields.number("err", reply.error_code);
}

/// "SA": in the order of Atlas, which is that of the bits but for the acknowledgement.
std::string flag_letters(unsigned flags)
{
    static constexpr std::array<std::pair<unsigned, char>, 8> letters{
        {{0x01, 'F'}, {0x02, 'S'}, {0x04, 'R'}, {0x08, 'P'}, {0x10, 'A'}, {0x20, 'U'}, {0x40, 'E'}, {0x80, 'C'}}};
    std::string out;
    for (auto const& [bit, letter] : letters)
        if ((flags & bit) != 0) out.push_back(letter);
    return out;
}

void write_extension(json_object& fields, proto::icmp_extension const& extension)
{
    fields.number("version", extension.version);
    fields.number("rfc4884", extension.rfc4884 ? 1 : 0);
    auto list = fields.array("obj");
    for (auto const& each : extension.objects) {
        auto object = list.object();
        object.number("class", each.object_class);
        object.number("type", each.type);
        if (each.labels.empty()) continue;
        auto labels = object.array("mpls");
        for (auto const& label : each.labels) {
            auto one = labels.object();
            one.number("exp", label.experimental);
            one.number("label", label.label);
            one.number("s", label.bottom ? 1 : 0);
            one.number("ttl", label.ttl);
        }
    }
}

void write_optional(json_object& fields, std::string_view name, std::optional<unsigned> value)
{
    if (value) fields.number(name, *value);
}

void write_reply(json_object& fields, proto::trace_reply const& reply)
{
    if (!reply.from) return fields.text("x", "*");
    write_optional(fields, "late", reply.late);
    if (reply.duplicate) fields.flag("dup", true);
    fields.text("from", reply.from->to_string());
    fields.number("ttl", reply.ttl);
    fields.number("size", reply.size);
    if (reply.round_trip && !reply.late) fields.milliseconds("rtt", *reply.round_trip);
    write_error(fields, reply);
    write_optional(fields, "ittl", reply.quoted_ttl);
    write_optional(fields, "tos", reply.tos);
    write_optional(fields, "itos", reply.quoted_tos);
    if (reply.quoted_destination) fields.text("edst", reply.quoted_destination->to_string());
    write_optional(fields, "mtu", reply.mtu);
    write_optional(fields, "hbhoptsize", reply.hop_by_hop_size);
    write_optional(fields, "dstoptsize", reply.destination_option_size);
    if (reply.tcp_flags) fields.text("flags", flag_letters(*reply.tcp_flags));
    if (reply.mss) {
        auto list = fields.array("hdropts");
        list.object().number("mss", *reply.mss);
    }
    if (reply.extension) {
        auto extension = fields.object("icmpext");
        write_extension(extension, *reply.extension);
    }
}

void write_hops(json_array& list, proto::report const& report)
{
    if (report.failed) return list.object().text("error", report.failed->text);
    for (auto const& hop : std::get<proto::traceroute_report>(report.found).hops) {
        auto fields = list.object();
        fields.number("hop", hop.hop);
        if (!hop.error.empty()) {
            fields.text("error", hop.error);
            continue;
        }
        auto replies = fields.array("result");
        for (auto const& reply : hop.replies) {
            auto one = replies.object();
            write_reply(one, reply);
        }
    }
}

}  // namespace

void write_traceroute(json_object& fields, proto::report const& report)
{
    auto const& found = std::get<proto::traceroute_report>(report.found);
    write_addresses(fields, report);
    fields.number("endtime", to_unix_seconds(found.ended));
    fields.text("proto", name_of(found.protocol));
    fields.number("size", found.size);
    if (found.paris_id != 0) fields.number("paris_id", found.paris_id);
    {
        auto list = fields.array("result");
        write_hops(list, report);
    }
    if (report.failed) return;
    fields.text("stopped_by", name_of(found.stopped_by));
    if (found.unprivileged) fields.flag("unprivileged", true);
}

}  // namespace tp::api
