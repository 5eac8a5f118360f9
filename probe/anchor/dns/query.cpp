#include "probe/anchor/dns/query.hpp"

#include <ldns/wire2host.h>

#include "base/handle.hpp"

namespace tp::anchor {
namespace {

constexpr std::size_t head_length = 12;  // octets; RFC 1035, section 4.1.1
constexpr unsigned response_bit = 0x8000, opcode_shift = 11, opcode_bits = 0xf;
constexpr unsigned recursion_desired_bit = 0x0100, checking_disabled_bit = 0x0010;
constexpr unsigned opt = 41, nsid = 3;           // RFC 6891, RFC 5001
constexpr std::uint32_t dnssec_ok_bit = 0x8000;  // in what is the TTL of other records
constexpr unsigned most_additional = 2;          // OPT, and a signature that we do not know

/// Reads on from where it is. Whoever finds nothing left sets `good` to false, for good.
class reader {
public:
    explicit reader(std::span<std::uint8_t const> octets) : octets_(octets) {}

    bool good() const { return good_; }
    bool at_end() const { return at_ == octets_.size(); }

    std::uint16_t number16()
    {
        auto const two = take(2);
        return good_ ? static_cast<std::uint16_t>(two[0] << 8U | two[1]) : std::uint16_t{0};
    }
    std::uint32_t number32()
    {
        std::uint32_t const high = number16();
        return high << 16U | number16();
    }
    std::span<std::uint8_t const> take(std::size_t count)
    {
        good_ = good_ && octets_.size() - at_ >= count;
        if (!good_) return {};
        at_ += count;
        return octets_.subspan(at_ - count, count);
    }
    /// A name, uncompressed.
    std::string name()
    {
        ldns_rdf* read = nullptr;
        good_ = good_ && ::ldns_wire2dname(&read, octets_.data(), octets_.size(), &at_) == LDNS_STATUS_OK;
        handle<ldns_rdf, ::ldns_rdf_deep_free> const owner(read);
        good_ = good_ && at_ <= octets_.size();
        if (!good_) return {};
        return {reinterpret_cast<char const*>(::ldns_rdf_data(read)), ::ldns_rdf_size(read)};
    }

private:
    std::span<std::uint8_t const> octets_;
    std::size_t at_ = 0;
    bool good_ = true;
};

bool reads_options(std::span<std::uint8_t const> octets, dns_edns& out)
{
    reader from(octets);
    while (from.good() && !from.at_end()) {
        auto const code = from.number16();
        from.take(from.number16());
        out.wants_nsid = out.wants_nsid || code == nsid;
    }
    return from.good();
}

/// One record behind the question. False: it breaks the rules.
bool reads_additional(reader& from, dns_query& out)
{
    auto const owner = from.name();
    auto const type = from.number16();
    auto const record_class = from.number16();
    auto const lifetime = from.number32();
    auto const data = from.take(from.number16());
    if (!from.good()) return false;
    if (type != opt) return true;
    if (owner.size() != 1 || out.edns) return false;  // it is the root's, and there is one
    out.edns =
        dns_edns{record_class, static_cast<std::uint8_t>(lifetime >> 16U & 0xffU), (lifetime & dnssec_ok_bit) != 0};
    return reads_options(data, *out.edns);
}

bool reads_sections(reader& from, dns_query& out)
{
    auto const questions = from.number16();
    auto const answers = from.number16();
    auto const authorities = from.number16();
    auto const additional = from.number16();
    if (questions != 1 || answers != 0 || authorities != 0 || additional > most_additional) return false;
    auto name = from.name();
    out.type = from.number16();
    out.question_class = from.number16();
    if (!from.good()) return false;
    out.name = std::move(name);
    for (unsigned i = 0; i < additional; ++i)
        if (!reads_additional(from, out)) return false;
    return from.at_end();
}

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::optional<dns_query> read_query(std::span<std::uint8_t const> message)
{
    if (message.size() < head_length) return std::nullopt;
    reader from(message);
    dns_query out;
    out.id = from.number16();
    auto const flags = from.number16();
    if ((flags & response_bit) != 0) return std::nullopt;
    out.opcode = static_cast<std::uint8_t>(flags >> opcode_shift & opcode_bits);
    out.recursion_desired = (flags & recursion_desired_bit) != 0;
    out.checking_disabled = (flags & checking_disabled_bit) != 0;
    if (out.opcode != 0) {
        out.fault = dns_code::not_implemented;
    } else if (!reads_sections(from, out)) {
        out.fault = dns_code::format_error;
    } else if (out.edns && out.edns->version != 0) {
        out.fault = dns_code::bad_version;
    }
    return out;
}

std::vector<std::string> labels_of(std::string const& name)
{
    std::vector<std::string> out;
    for (std::size_t at = 0; at < name.size() && name[at] != '\0';) {
        auto const length = static_cast<unsigned char>(name[at]);
        auto label = name.substr(at + 1, length);
        for (auto& c : label) c = lower(c);
        out.push_back(std::move(label));
        at += 1U + length;
    }
    return out;
}

}  // namespace tp::anchor
