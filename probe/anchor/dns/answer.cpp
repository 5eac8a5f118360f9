#include "probe/anchor/dns/answer.hpp"

#include <ldns/ldns.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "base/handle.hpp"
#include "probe/anchor/dns/query.hpp"

namespace tp::anchor {
namespace {

using record = handle<ldns_rr, ::ldns_rr_free>;
using packet = handle<ldns_pkt, ::ldns_pkt_free>;

constexpr std::uint16_t internet = LDNS_RR_CLASS_IN, chaos = LDNS_RR_CLASS_CH;
constexpr unsigned lifetime = 300;            // seconds that an answer may be kept
constexpr std::size_t longest_string = 255;   // octets; RFC 1035, section 3.3
constexpr unsigned nsid = 3;                  // RFC 5001
constexpr std::uint8_t low_bits_of_code = 4;  // the others are in OPT: RFC 6891, section 6.1.3
// Refresh, retry, expire, and how long a "no" may be kept. Nobody copies this zone.
constexpr char const* timers = " 86400 7200 604800 60";

/// What is said to a query.
struct said {
    dns_code code = dns_code::no_error;
    bool authoritative = false;
    std::vector<record> answers, authority;
};

ldns_rdf* copied(ldns_rdf_type type, std::string_view octets)
{
    auto* const out = ::ldns_rdf_new_frm_data(type, octets.size(), octets.data());
    if (!out) throw std::bad_alloc();
    return out;
}

/// From presentation format. All of it is ours, so it cannot be wrong.
record written(std::string const& text)
{
    ldns_rr* out = nullptr;
    auto const status = ::ldns_rr_new_frm_str(&out, text.c_str(), lifetime, nullptr, nullptr);
    if (status != LDNS_STATUS_OK) throw std::logic_error("no record: " + text);
    return record(out);
}

record of_zone(dns_zone const& zone, std::string const& type_and_data)
{
    return written(zone.name + ' ' + std::to_string(lifetime) + " IN " + type_and_data);
}

record start_of_authority(dns_zone const& zone)
{
    return of_zone(zone, "SOA " + zone.name + " hostmaster." + zone.name + ' ' + std::to_string(zone.serial) + timers);
}

record text_record(dns_query const& asked, std::string_view text)
{
    record out(::ldns_rr_new());
    if (!out) throw std::bad_alloc();
    ::ldns_rr_set_owner(out.get(), copied(LDNS_RDF_TYPE_DNAME, asked.name));
    ::ldns_rr_set_type(out.get(), LDNS_RR_TYPE_TXT);
    ::ldns_rr_set_class(out.get(), static_cast<ldns_rr_class>(asked.question_class));
    ::ldns_rr_set_ttl(out.get(), asked.question_class == chaos ? 0 : lifetime);
    do {  // even an empty text is a string
        auto const part = text.substr(0, longest_string);
        auto const octets = std::string(1, static_cast<char>(part.size())).append(part);
        ::ldns_rr_push_rdf(out.get(), copied(LDNS_RDF_TYPE_STR, octets));
        text.remove_prefix(part.size());
    } while (!text.empty());
    return out;
}

/// Who asks for anything gets the first that there is: RFC 8482, section 4.1.
bool wants(dns_query const& asked, ldns_rr_type type)
{
    return asked.type == type || asked.type == LDNS_RR_TYPE_ANY;
}

std::vector<record> apex_records(dns_zone const& zone, dns_query const& asked)
{
    std::vector<record> out;
    if (wants(asked, LDNS_RR_TYPE_SOA)) out.push_back(start_of_authority(zone));
    if (asked.type == LDNS_RR_TYPE_NS) out.push_back(of_zone(zone, "NS " + zone.name));
    for (auto const& address : zone.addresses) {
        auto const type = address.is_v4() ? LDNS_RR_TYPE_A : LDNS_RR_TYPE_AAAA;
        if (asked.type == type) out.push_back(of_zone(zone, (address.is_v4() ? "A " : "AAAA ") + address.to_string()));
    }
    return out;
}

said say(dns_zone const& zone, dns_query const& asked, dns_place const& place)
{
    said out;
    out.authoritative = true;
    switch (place.is) {
        case dns_place::kind::elsewhere:
            return {dns_code::refused, false, {}, {}};
        case dns_place::kind::absent:
            out.code = dns_code::no_such_name;
            break;
        case dns_place::kind::empty:
            break;
        case dns_place::kind::apex:
            out.answers = apex_records(zone, asked);
            break;
        case dns_place::kind::text:
            if (wants(asked, LDNS_RR_TYPE_TXT)) out.answers.push_back(text_record(asked, text_of_size(place.size)));
            break;
        case dns_place::kind::server:
            if (wants(asked, LDNS_RR_TYPE_TXT)) out.answers.push_back(text_record(asked, zone.server));
            return out;
    }
    if (out.answers.empty()) out.authority.push_back(start_of_authority(zone));
    return out;
}

said say(dns_zone const& zone, dns_query const& asked)
{
    if (asked.fault != dns_code::no_error) return {asked.fault, false, {}, {}};
    auto const labels = labels_of(asked.name);
    if (asked.question_class == chaos) return say(zone, asked, find_in_chaos(labels));
    bool const transfer = asked.type == LDNS_RR_TYPE_AXFR || asked.type == LDNS_RR_TYPE_IXFR;
    if (asked.question_class != internet || transfer) return {dns_code::refused, false, {}, {}};
    handle<ldns_rdf, ::ldns_rdf_deep_free> const apex(::ldns_dname_new_frm_str(zone.name.c_str()));
    if (!apex) throw std::logic_error("no name: " + zone.name);
    std::string const wire(reinterpret_cast<char const*>(::ldns_rdf_data(apex.get())), ::ldns_rdf_size(apex.get()));
    return say(zone, asked, find_in_zone(labels, labels_of(wire)));
}

void put_edns(ldns_pkt* to, dns_zone const& zone, dns_query const& asked, said const& what, bool with_nsid)
{
    ::ldns_pkt_set_edns_udp_size(to, largest_datagram);
    ::ldns_pkt_set_edns_do(to, asked.edns->dnssec_ok);
    ::ldns_pkt_set_edns_extended_rcode(to, static_cast<std::uint8_t>(what.code) >> low_bits_of_code);
    if (!asked.edns->wants_nsid || !with_nsid || asked.fault != dns_code::no_error) return;
    auto const length = static_cast<char>(zone.server.size());  // a name is shorter than 256 octets
    auto const option = std::string{'\0', static_cast<char>(nsid), '\0', length} + zone.server;
    ::ldns_pkt_set_edns_data(to, copied(LDNS_RDF_TYPE_UNKNOWN, option));
}

void put_head(ldns_pkt* to, dns_query const& asked, said const& what)
{
    constexpr unsigned all_low_bits = (1U << low_bits_of_code) - 1;
    ::ldns_pkt_set_id(to, asked.id);
    ::ldns_pkt_set_qr(to, true);
    ::ldns_pkt_set_opcode(to, static_cast<ldns_pkt_opcode>(asked.opcode));
    ::ldns_pkt_set_rd(to, asked.recursion_desired);
    ::ldns_pkt_set_cd(to, asked.checking_disabled);
    ::ldns_pkt_set_aa(to, what.authoritative);
    ::ldns_pkt_set_rcode(to, static_cast<std::uint8_t>(static_cast<unsigned>(what.code) & all_low_bits));
}

void put_question(ldns_pkt* to, dns_query const& asked)
{
    record question(::ldns_rr_new());
    if (!question) throw std::bad_alloc();
    ::ldns_rr_set_question(question.get(), true);
    ::ldns_rr_set_owner(question.get(), copied(LDNS_RDF_TYPE_DNAME, asked.name));
    ::ldns_rr_set_type(question.get(), static_cast<ldns_rr_type>(asked.type));
    ::ldns_rr_set_class(question.get(), static_cast<ldns_rr_class>(asked.question_class));
    ::ldns_pkt_push_rr(to, LDNS_SECTION_QUESTION, question.release());
}

std::string to_wire(ldns_pkt const* from)
{
    std::uint8_t* octets = nullptr;
    std::size_t size = 0;
    if (::ldns_pkt2wire(&octets, from, &size) != LDNS_STATUS_OK) throw std::bad_alloc();
    std::string out(reinterpret_cast<char const*>(octets), size);
    std::free(octets);
    return out;
}

/// A message without its records.
packet frame(dns_zone const& zone, dns_query const& asked, said const& what, bool with_nsid)
{
    packet out(::ldns_pkt_new());
    if (!out) throw std::bad_alloc();
    put_head(out.get(), asked, what);
    if (!asked.name.empty()) put_question(out.get(), asked);
    if (asked.edns) put_edns(out.get(), zone, asked, what, with_nsid);
    return out;
}

std::string truncated(dns_zone const& zone, dns_query const& asked, said const& what, bool with_nsid)
{
    auto const out = frame(zone, asked, what, with_nsid);
    ::ldns_pkt_set_tc(out.get(), true);
    return to_wire(out.get());
}

std::size_t room_for(dns_query const& asked, dns_path path)
{
    constexpr std::size_t over_tcp = 65'535;
    if (path == dns_path::tcp) return over_tcp;
    return asked.edns ? std::clamp<std::size_t>(asked.edns->room, smallest_room, largest_datagram) : smallest_room;
}

}  // namespace

std::optional<std::string> answer_query(dns_zone const& zone, std::span<std::uint8_t const> query, dns_path path)
{
    auto const asked = read_query(query);
    if (!asked) return std::nullopt;
    auto what = say(zone, *asked);
    if (path == dns_path::udp_truncated) return truncated(zone, *asked, what, false);
    auto const whole = frame(zone, *asked, what, true);
    for (auto& one : what.answers) ::ldns_pkt_push_rr(whole.get(), LDNS_SECTION_ANSWER, one.release());
    for (auto& one : what.authority) ::ldns_pkt_push_rr(whole.get(), LDNS_SECTION_AUTHORITY, one.release());
    auto out = to_wire(whole.get());
    return out.size() <= room_for(*asked, path) ? out : truncated(zone, *asked, what, true);
}

}  // namespace tp::anchor
