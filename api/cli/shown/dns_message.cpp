#include "api/cli/shown/dns_message.hpp"

#include <ldns/ldns.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "api/cli/table.hpp"
#include "base/handle.hpp"

namespace tp::cli {
namespace {

constexpr std::size_t longest_base64 = 4 * ((65'535 + 2) / 3);  // of the largest DNS message
constexpr std::size_t header = 12;                              // octets, RFC 1035, section 4.1.1

using packet = handle<ldns_pkt, ldns_pkt_free>;
using text = handle<char, std::free>;

std::vector<unsigned char> decode(std::string_view base64)
{
    if (base64.size() > longest_base64 || base64.size() % 4 != 0) return {};
    std::vector<unsigned char> out(base64.size() / 4 * 3);
    auto const* const digits = reinterpret_cast<unsigned char const*>(base64.data());
    auto const length = EVP_DecodeBlock(out.data(), digits, static_cast<int>(base64.size()));
    auto const padding = base64.ends_with("==") ? 2 : base64.ends_with('=') ? 1 : 0;
    out.resize(static_cast<std::size_t>(std::max(0, length - padding)));
    return out;
}

/// RFC 1035, 2136 and 6895; the header's four bits only.
std::string code_text(unsigned code)
{
    constexpr std::array names{"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                               "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE"};
    return code < names.size() ? names[code] : "RCODE" + std::to_string(code);
}

/// One line with single blanks: what ldns writes has tabs and a line end.
std::string one_line(std::string_view from)
{
    std::string out;
    for (auto const c : from) {
        auto const blank = c == ' ' || c == '\t' || c == '\n';
        if (!blank) out += c;
        if (blank && !out.empty() && out.back() != ' ') out += ' ';
    }
    if (out.ends_with(' ')) out.pop_back();
    return printable(out);
}

std::vector<std::string> answers_in(std::vector<unsigned char> const& octets)
{
    std::vector<std::string> out;
    ldns_pkt* parsed = nullptr;
    if (ldns_wire2pkt(&parsed, octets.data(), octets.size()) != LDNS_STATUS_OK) return out;
    packet const message{parsed};
    auto const* const answers = ldns_pkt_answer(message.get());
    auto const count = std::min(ldns_rr_list_rr_count(answers), dns_message::most_answers);
    for (std::size_t i = 0; i < count; ++i) {
        text const record{ldns_rr2str(ldns_rr_list_rr(answers, i))};
        if (record) out.push_back(one_line(record.get()));
    }
    return out;
}

}  // namespace

dns_message read_dns_message(std::string_view base64)
{
    dns_message out;
    auto const octets = decode(base64);
    if (octets.size() < header) return out;
    out.code = code_text(octets[3] & 0x0FU);
    out.answers = answers_in(octets);
    return out;
}

}  // namespace tp::cli
