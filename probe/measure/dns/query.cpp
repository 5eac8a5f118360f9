#include "probe/measure/dns/query.hpp"

#include <ldns/dname.h>
#include <ldns/str2host.h>

#include "base/handle.hpp"

namespace tp::probe {
namespace {

// RFC 1035, section 4.1.1; RFC 4035, section 3.2.2 (CD).
constexpr unsigned recursion_desired = 0x0100, checking_disabled = 0x0010;
// RFC 6891, section 6.1; RFC 5001 (NSID); RFC 7873 (COOKIE).
constexpr unsigned opt = 41, dnssec_ok = 0x8000, nsid = 3, cookie = 10;
constexpr unsigned classic_payload = 512;
constexpr unsigned option_head = 4;  // octets of code and length

void put16(std::string& out, unsigned value)
{
    out.push_back(static_cast<char>(value >> 8 & 0xff));
    out.push_back(static_cast<char>(value & 0xff));
}

std::string hexadecimal(std::uint64_t value)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out(16, '0');
    for (auto at = out.rbegin(); at != out.rend(); ++at, value >>= 4) *at = digits[value & 0xf];
    return out;
}

std::string probe_text(dns_query_values const& values)
{
    return values.probe ? values.probe->text() : "0";
}

std::optional<std::string> macro(char letter, dns_query_values const& values)
{
    switch (letter) {
        case 'p':
            return probe_text(values);
        case 't':
            return std::to_string(to_unix_seconds(values.now));
        case 'r':
            return hexadecimal(values.random);
        default:
            return std::nullopt;
    }
}

result<std::string> without_macros(std::string_view text, dns_query_values const& values)
{
    std::string out;
    while (!text.empty()) {
        auto const mark = text.find('$');
        out += text.substr(0, mark);
        if (mark == text.npos) break;
        auto const resolved = mark + 1 < text.size() ? macro(text[mark + 1], values) : std::nullopt;
        if (!resolved) return errc::malformed;
        out += *resolved;
        text.remove_prefix(mark + 2);
    }
    return out;
}

bool uses_edns(proto::dns_options const& options)
{
    return options.udp_payload_size != classic_payload || options.set_do_bit || options.set_nsid_bit ||
           options.set_cookie;
}

void put_head(std::string& out, proto::dns_options const& options, std::uint16_t id)
{
    unsigned flags = 0;
    // As RIPE Atlas's probes do: a resolver that is not asked to resolve refuses, or tells what its cache happens to
    // hold.
    if (options.set_rd_bit || options.use_probe_resolver) flags |= recursion_desired;
    if (options.set_cd_bit) flags |= checking_disabled;
    put16(out, id);
    put16(out, flags);
    put16(out, 1);  // questions
    put16(out, 0);
    put16(out, 0);
    put16(out, uses_edns(options) ? 1 : 0);
}

void put_edns(std::string& out, proto::dns_options const& options, dns_cookie const& with)
{
    out.push_back('\0');  // the root's name
    put16(out, opt);
    put16(out, options.udp_payload_size);
    put16(out, 0);  // extended code, version
    put16(out, options.set_do_bit ? dnssec_ok : 0);
    auto const nsid_length = options.set_nsid_bit ? option_head : 0;
    auto const cookie_length = options.set_cookie ? option_head + static_cast<unsigned>(with.size()) : 0;
    put16(out, nsid_length + cookie_length);
    if (options.set_nsid_bit) {
        put16(out, nsid);
        put16(out, 0);
    }
    if (!options.set_cookie) return;
    put16(out, cookie);
    put16(out, static_cast<unsigned>(with.size()));
    out.append(with.begin(), with.end());
}

}  // namespace

result<std::string> query_name(proto::dns_options const& options, dns_query_values const& values)
{
    std::string name = options.query_argument;
    if (options.use_macros) {
        auto resolved = without_macros(name, values);
        if (!resolved) return resolved.error();
        name = std::move(*resolved);
    }
    if (!options.prepend_probe_id) return name;
    auto const front = probe_text(values) + '.' + std::to_string(to_unix_seconds(values.now)) + '.';
    return name == "." ? front : front + name;
}

result<std::string> name_to_wire(std::string const& name)
{
    if (name.empty() || name.find('\0') != name.npos) return errc::malformed;  // it would end there for ldns
    ldns_rdf* parsed = nullptr;
    if (::ldns_str2rdf_dname(&parsed, name.c_str()) != LDNS_STATUS_OK) return errc::malformed;
    handle<ldns_rdf, ::ldns_rdf_deep_free> const owner(parsed);
    return std::string(reinterpret_cast<char const*>(::ldns_rdf_data(parsed)), ::ldns_rdf_size(parsed));
}

result<std::string> make_query(proto::dns_options const& options, dns_query_values const& values)
{
    auto const name = query_name(options, values);
    if (!name) return name.error();
    auto const wire = name_to_wire(*name);
    if (!wire) return wire.error();
    std::string out;
    put_head(out, options, values.id);
    out += *wire;
    put16(out, options.query_type);
    put16(out, options.query_class);
    if (uses_edns(options)) put_edns(out, options, values.cookie);
    return out;
}

void write_id(std::string& message, std::uint16_t id)
{
    message[0] = static_cast<char>(id >> 8);
    message[1] = static_cast<char>(id & 0xff);
}

}  // namespace tp::probe
