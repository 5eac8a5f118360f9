// Any packet answers one of a traceroute's or is passed over; what is read from it is told as a reply that a report can
// carry.
#include "probe/measure/traceroute/answer.hpp"

#include "probe/measure/traceroute/hearing.hpp"
#include "probe/measure/traceroute/kept_reply.hpp"

namespace {

using namespace tp::probe;

void check(std::optional<trace_answer> const& answer, char const* target)
{
    if (!answer) return;
    trace_plan plan;
    plan.target = plan.source = tp::parse_address(target).value();
    plan.paris_id = 1;
    for (auto const protocol :
         {tp::proto::trace_protocol::icmp, tp::proto::trace_protocol::udp, tp::proto::trace_protocol::tcp}) {
        plan.protocol = protocol;
        naming_of(plan, *answer, plan.target);
        auto const got = hear(plan, *answer, {.at = {}, .from = plan.target, .ttl = {}, .tos = {}});
        if (!(kept_reply(got.reply).unpack() == got.reply)) __builtin_trap();
        if (got.reply.size > 65'535 || got.reply.ttl > 255 || got.reply.error_code > 255) __builtin_trap();
    }
    if (!answer->extension) return;
    if (answer->extension->objects.size() > tp::proto::icmp_extension::most_objects) __builtin_trap();
    for (auto const& one : answer->extension->objects)
        if (one.labels.size() > tp::proto::icmp_object::most_labels) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    constexpr std::size_t largest_packet = 65'535;
    if (size > largest_packet) return 0;
    std::span const packet(data, size);
    check(read_v4_answer(packet), "192.0.2.1");
    check(read_icmp_answer(tp::proto::family::v4, packet), "192.0.2.1");
    for (auto const protocol :
         {tp::proto::trace_protocol::icmp, tp::proto::trace_protocol::udp, tp::proto::trace_protocol::tcp})
        check(read_v6_answer(protocol, packet), "2001:db8::1");
    return 0;
}
