#include <algorithm>
#include <array>
#include <cmath>

#include "api/results/types.hpp"

namespace tp::api {
namespace {

constexpr unsigned unsynchronised = 16;  // the stratum, RFC 5905, figure 11

std::string leap_word(unsigned leap)
{
    static constexpr std::array<std::string_view, 4> words{"no", "61", "59", "unknown"};
    return std::string(words[std::min<std::size_t>(leap, 3)]);
}

std::string mode_word(unsigned mode)
{
    static constexpr std::array<std::string_view, 8> words{
        "reserved", "symmetric active", "symmetric passive", "client", "server", "broadcast", "control", "private"};
    return std::string(words[mode % words.size()]);
}

void write_stratum(json_object& fields, unsigned stratum)
{
    if (stratum == 0) return fields.text("stratum", "invalid");
    if (stratum < unsynchronised) return fields.number("stratum", stratum);
    if (stratum == unsynchronised) return fields.text("stratum", "unsynchronized");
    fields.text("stratum", "reserved (" + std::to_string(stratum) + ')');
}

/// Four letters of a clock or of a refusal ("GPS", "RATE"); of a server further down, whose reference is an address or
/// its hash, the octets. RFC 5905, section 7.3.
std::string reference_text(std::uint32_t id, unsigned stratum)
{
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    if (stratum > 1) {
        for (int shift = 28; shift >= 0; shift -= 4) out.push_back(digits[(id >> static_cast<unsigned>(shift)) & 15U]);
        return out;
    }
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(id >> static_cast<unsigned>(shift)));
    while (out.ends_with('\0')) out.pop_back();
    return out;
}

double short_seconds(std::uint32_t fixed_point)
{
    return static_cast<double>(fixed_point) / 65'536;
}

void write_time(json_object& fields, std::string_view name, proto::ntp_time at)
{
    append_ntp_time(fields.begin(name), at);
}

/// What the server says about itself. With an earlier header: only what is not the same as in that.
void write_header(json_object& fields, proto::ntp_packet const& packet, proto::ntp_packet const* told)
{
    auto const differs = [&](auto member) { return told == nullptr || packet.*member != told->*member; };
    using p = proto::ntp_packet;
    if (differs(&p::leap)) fields.text("li", leap_word(packet.leap));
    if (differs(&p::version)) fields.number("version", packet.version);
    if (differs(&p::mode)) fields.text("mode", mode_word(packet.mode));
    if (differs(&p::stratum)) write_stratum(fields, packet.stratum);
    if (differs(&p::poll)) fields.real("poll", std::ldexp(1.0, packet.poll));
    if (differs(&p::precision)) fields.real("precision", std::ldexp(1.0, packet.precision));
    if (differs(&p::root_delay)) fields.real("root-delay", short_seconds(packet.root_delay));
    if (differs(&p::root_dispersion)) fields.real("root-dispersion", short_seconds(packet.root_dispersion));
    if (differs(&p::reference_id) || differs(&p::stratum))
        fields.text("ref-id", reference_text(packet.reference_id, packet.stratum));
    if (differs(&p::reference)) write_time(fields, "ref-ts", packet.reference);
}

void write_packet(json_object& fields, proto::ntp_packet const& packet, proto::ntp_packet const* told)
{
    if (!packet.error.empty()) return fields.text("error", packet.error);
    if (!packet.received) return fields.text("x", "*");
    write_header(fields, packet, told);
    write_time(fields, "origin-ts", packet.origin);
    write_time(fields, "receive-ts", packet.receive);
    write_time(fields, "transmit-ts", packet.transmit);
    write_time(fields, "final-ts", packet.final);
    append_fixed_seconds(fields.begin("rtt"), packet.round_trip);
    append_fixed_seconds(fields.begin("offset"), packet.offset);
}

}  // namespace

void write_ntp(json_object& fields, proto::report const& report)
{
    auto const& packets = std::get<proto::ntp_report>(report.found).packets;
    write_addresses(fields, report);
    fields.text("proto", "UDP");
    auto const first = std::find_if(packets.begin(), packets.end(),
                                    [](auto const& each) { return each.received && each.error.empty(); });
    auto const* const told = first == packets.end() ? nullptr : &*first;
    if (told != nullptr) write_header(fields, *told, nullptr);
    auto list = fields.array("result");
    if (report.failed) return list.object().text("error", report.failed->text);
    for (auto const& packet : packets) {
        auto one = list.object();
        write_packet(one, packet, told);
    }
}

}  // namespace tp::api
