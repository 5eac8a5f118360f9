#include "tests/unit/traceroute/internet.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "probe/measure/net/echo_filter.hpp"
#include "probe/measure/traceroute/octets.hpp"
#include "probe/measure/traceroute/packet.hpp"

namespace tp::probe {
namespace {

constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17, icmpv6 = 58;

bool is_v4(octet_string const& packet)
{
    return packet[0] >> 4 == 4;
}
std::size_t header_of(octet_string const& packet)
{
    return is_v4(packet) ? 20 : 40;
}
std::uint8_t protocol_of(octet_string const& packet)
{
    return is_v4(packet) ? packet[9] : packet[6];
}
std::uint8_t& ttl_of(octet_string& packet)
{
    return is_v4(packet) ? packet[8] : packet[7];
}

ip_address address_of(std::string const& text)
{
    return parse_address(text).value();
}

void append(octet_string& to, ip_address const& address)
{
    if (address.is_v4()) {
        auto const part = address.to_v4().to_bytes();
        to.insert(to.end(), part.begin(), part.end());
    } else {
        auto const part = address.to_v6().to_bytes();
        to.insert(to.end(), part.begin(), part.end());
    }
}

octet_string header(std::uint8_t protocol, std::size_t size, std::uint8_t tos, std::uint8_t ttl)
{
    octet_string out(12);
    out[0] = 0x45;
    out[1] = tos;
    put16(out, 2, static_cast<std::uint16_t>(size + 20));
    out[8] = ttl;
    out[9] = protocol;
    return out;
}

proto::trace_protocol family_protocol(std::uint8_t protocol)
{
    if (protocol == tcp) return proto::trace_protocol::tcp;
    return protocol == udp ? proto::trace_protocol::udp : proto::trace_protocol::icmp;
}

/// The message as it reaches the sender of `packet`.
arrival deliver(octet_string const& packet, octet_string message, std::uint8_t protocol, std::string const& from,
                std::uint8_t tos, steady_time when)
{
    constexpr std::uint8_t ttl = 60;
    arrival out{when, family_protocol(protocol), {}, address_of(from), {}, {}};
    if (is_v4(packet)) {
        out.packet = header(protocol, message.size(), tos, ttl);
        append(out.packet, out.from);
        out.packet.insert(out.packet.end(), packet.begin() + 12, packet.begin() + 16);
        out.packet.insert(out.packet.end(), message.begin(), message.end());
    } else {
        out.packet = std::move(message);
        out.ttl = ttl;
        out.tos = tos;
    }
    return out;
}

void finish_icmp(octet_string const& packet, octet_string& message)
{
    if (!is_v4(packet)) return;  // the kernel has checked it
    put16(message, 2, 0);
    word_sum sum;
    sum.add(message);
    put16(message, 2, sum.checksum());
}

octet_string structure_of(std::vector<proto::mpls_label> const& labels)
{
    octet_string out{0x20, 0, 0, 0, 0, static_cast<std::uint8_t>(4 + 4 * labels.size()), 1, 1};
    for (auto const& one : labels) {
        out.resize(out.size() + 4);
        put32(out, out.size() - 4, one.label << 12 | one.experimental << 9 | (one.bottom ? 1U << 8 : 0) | one.ttl);
    }
    word_sum sum;
    sum.add(out);
    put16(out, 2, sum.checksum());
    return out;
}

/// What a router quotes, with what it says beside it.
octet_string error_body(router const& by, octet_string const& packet)
{
    auto quoted = packet;
    quoted.resize(std::min(quoted.size(), by.quotes));
    ttl_of(quoted) = by.quoted_ttl;
    if (!by.rewrites.empty()) {
        octet_string other;
        append(other, address_of(by.rewrites));
        std::copy(other.begin(), other.end(), quoted.begin() + (is_v4(packet) ? 16 : 24));
    }
    if (by.spoils_checksum) quoted[header_of(packet) + 6] ^= 0xff;
    if (by.labels.empty()) return quoted;
    quoted.resize(128);
    auto const structure = structure_of(by.labels);
    quoted.insert(quoted.end(), structure.begin(), structure.end());
    return quoted;
}

octet_string error_message(router const& by, octet_string const& packet, std::uint8_t type, std::uint8_t code)
{
    octet_string out(8);
    out[0] = type;
    out[1] = code;
    bool const too_big = is_v4(packet) ? type == 3 && code == 4 : type == 2;
    if (too_big && is_v4(packet)) put16(out, 6, static_cast<std::uint16_t>(by.mtu));
    if (too_big && !is_v4(packet)) put32(out, 4, by.mtu);
    if (!by.labels.empty() && by.length_field) out[is_v4(packet) ? 5 : 4] = is_v4(packet) ? 32 : 16;
    auto const body = error_body(by, packet);
    out.insert(out.end(), body.begin(), body.end());
    finish_icmp(packet, out);
    return out;
}

}  // namespace

router& internet::choose(stage& from, octet_string const& packet)
{
    auto const head = header_of(packet);
    std::uint64_t hash = 0;
    if (from.by == balance::packets) hash = spread_++;
    if (from.by == balance::ports && protocol_of(packet) != icmp && protocol_of(packet) != icmpv6)
        hash = get32(packet, head);
    if (from.by == balance::first_32_bits) hash = get32(packet, head);
    if (from.by == balance::addresses && !is_v4(packet)) hash = get32(packet, 0) & 0xfffff;
    hash ^= hash >> 16;
    hash ^= hash >> 8;
    hash ^= hash >> 4;
    return from.branches[hash % from.branches.size()];
}

std::vector<arrival> internet::send(steady_time now, octet_string packet)
{
    sent.push_back(packet);
    for (auto& one : path_) {
        auto& by = choose(one, packet);
        if (ttl_of(packet) <= 1) return at(by, packet, now, true);
        --ttl_of(packet);
        bool const too_big = by.mtu != 0 && packet.size() > by.mtu;
        if (by.rejects || too_big) return at(by, packet, now, false);
    }
    return at_target(std::move(packet), now);
}

std::vector<arrival> internet::at(router& one, octet_string packet, steady_time now, bool expired)
{
    asked.push_back(one.address);
    auto found = std::find_if(died_.begin(), died_.end(), [&](auto const& name) { return name.first == one.address; });
    if (found == died_.end()) found = died_.insert(died_.end(), {one.address, 0});
    auto const nth = found->second++;
    if (!one.answers(nth)) return {};
    bool const v4 = is_v4(packet);
    std::uint8_t type = v4 ? 11 : 3, code = 0;
    if (!expired && one.rejects) {
        type = v4 ? 3 : 1;
        code = static_cast<std::uint8_t>(*one.rejects);
    } else if (!expired) {
        type = v4 ? 3 : 2;
        code = v4 ? 4 : 0;
    }
    auto const message = error_message(one, packet, type, code);
    std::vector<arrival> out;
    for (unsigned i = 0; i < one.copies; ++i)
        out.push_back(deliver(packet, message, v4 ? icmp : icmpv6, one.address, one.tos,
                              now + one.round_trip + one.extra(nth) + i * 1ms));
    return out;
}

std::vector<arrival> internet::at_target(octet_string packet, steady_time now)
{
    asked.push_back(target_.address);
    bool const v4 = is_v4(packet);
    auto const head = header_of(packet);
    auto const protocol = protocol_of(packet);
    octet_string const message(packet.begin() + static_cast<std::ptrdiff_t>(head), packet.end());
    octet_string answer;
    auto by = protocol;
    if (protocol == icmp || protocol == icmpv6) {
        if (!target_.answers_echo) return {};
        answer = message;
        answer[0] = v4 ? 0 : 129;
        finish_icmp(packet, answer);
    } else if (target_.is == target::port::silent) {
        return {};
    } else if (protocol == tcp) {
        answer.resize(24);
        put32(answer, 0, static_cast<std::uint32_t>(get16(message, 2)) << 16 | get16(message, 0));
        auto const more = target_.is == target::port::open ? 0U : static_cast<unsigned>(message.size() - 20);
        put32(answer, 8, get32(message, 4) + 1 + more);
        put16(answer, 12, target_.is == target::port::open ? 0x6012 : 0x6014);
        put32(answer, 20, 0x020405b4);  // MSS 1460
    } else if (target_.is == target::port::open) {
        answer.resize(8 + 5);
        put32(answer, 0, static_cast<std::uint32_t>(get16(message, 2)) << 16 | get16(message, 0));
    } else {
        answer = error_message(router{.address = target_.address}, packet, v4 ? 3 : 1, v4 ? 3 : 4);
        by = v4 ? icmp : icmpv6;
    }
    std::vector<arrival> out;
    for (unsigned i = 0; i < target_.copies; ++i)
        out.push_back(deliver(packet, answer, by, target_.address, 0, now + target_.round_trip + i * 1ms));
    return out;
}

trace_plan plan_for(proto::traceroute_options const& options, std::string const& to, unsigned paris_id)
{
    trace_plan out;
    out.protocol = options.protocol;
    out.target = address_of(to);
    out.source = address_of(out.target.is_v4() ? "192.0.2.250" : "2001:db8:ffff::250");
    out.paris_id = paris_id;
    out.port = base_port_of(options);
    out.source_port = static_cast<std::uint16_t>(first_trace_port + paris_id);
    out.identifier = traceroute_identifier_bit | 77;
    out.nonce = 0x5a;
    out.secret = 0x0123456789abcdef;
    out.dont_fragment = options.dont_fragment;
    out.hop_by_hop_size = out.v4() ? 0 : options.hop_by_hop_option_size;
    out.destination_option_size = out.v4() ? 0 : options.destination_option_size;
    return out;
}

traced trace(internet& net, proto::traceroute_options const& options, std::string const& to, unsigned paris_id,
             unsigned window)
{
    auto const plan = plan_for(options, to, paris_id);
    steady_time const start{1h};
    auto const wall = [start](steady_time at) { return from_unix_seconds(1'700'000'000) + (at - start); };
    trace_run run({.options = options,
                   .size = options.size,
                   .headers = static_cast<unsigned>(packet_octets(plan, 0)),
                   .least_size = least_size(options),
                   .window = window},
                  start);
    std::multimap<steady_time, arrival> coming;
    auto now = start;
    octet_string room(largest_trace_packet);
    while (!run.done(now)) {
        while (auto const packet = run.due(now)) {
            auto const size = write_packet(plan, *packet, room);
            run.sent(*packet, now);
            run.sent_stamp(packet->number, wall(now));
            for (auto& one :
                 net.send(now, octet_string(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size))))
                coming.emplace(one.when, std::move(one));
        }
        auto const next = coming.empty() ? run.next_event() : std::min(run.next_event(), coming.begin()->first);
        now = std::max(now, next);
        while (!coming.empty() && coming.begin()->first <= now) {
            auto const one = std::move(coming.begin()->second);
            coming.erase(coming.begin());
            auto const answer = plan.v4() ? read_v4_answer(one.packet) : read_v6_answer(one.protocol, one.packet);
            if (!answer) continue;
            auto const named = naming_of(plan, *answer, one.from);
            if (!named) continue;
            run.answered(
                named->number,
                hear(plan, *answer, {stamp_of_receipt(now, wall(now), wall(now)), one.from, one.ttl, one.tos}));
        }
    }
    return {run.report(), run.clock(), std::chrono::duration_cast<std::chrono::microseconds>(now - start)};
}

namespace {

std::string text_of(proto::trace_reply const& reply)
{
    constexpr std::array names{"", "N", "H", "P", "p", "A", "h", "other"};
    if (!reply.from) return " *";
    std::string out = ' ' + reply.from->to_string();
    if (reply.round_trip) out += '=' + std::to_string(reply.round_trip->count() / 1'000'000);
    if (reply.error != proto::trace_error::none) out += std::string("!") + names[static_cast<std::size_t>(reply.error)];
    if (reply.error == proto::trace_error::other) out += std::to_string(reply.error_code);
    if (reply.duplicate) out += "dup";
    if (reply.late) out += "late" + std::to_string(*reply.late);
    if (reply.mtu) out += "mtu" + std::to_string(*reply.mtu);
    return out;
}

}  // namespace

std::string text_of(proto::traceroute_report const& report)
{
    std::string out;
    for (auto const& hop : report.hops) {
        if (!out.empty()) out += '\n';
        out += std::to_string(hop.hop);
        for (auto const& one : hop.replies) out += text_of(one);
        if (!hop.error.empty()) out += " (" + hop.error + ')';
    }
    return out;
}

}  // namespace tp::probe
