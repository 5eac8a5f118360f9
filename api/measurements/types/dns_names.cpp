#include <array>
#include <charconv>

#include "api/measurements/types/types.hpp"

namespace tp::api {
namespace {

/// Those that Atlas names, and the others that somebody is likely to ask for.
constexpr std::array<choice<std::uint16_t>, 40> types{
    {{"A", 1},      {"NS", 2},       {"CNAME", 5},       {"SOA", 6},    {"PTR", 12},    {"HINFO", 13},
     {"MX", 15},    {"TXT", 16},     {"RP", 17},         {"AFSDB", 18}, {"AAAA", 28},   {"LOC", 29},
     {"SRV", 33},   {"NAPTR", 35},   {"KX", 36},         {"CERT", 37},  {"DNAME", 39},  {"APL", 42},
     {"DS", 43},    {"SSHFP", 44},   {"IPSECKEY", 45},   {"RRSIG", 46}, {"NSEC", 47},   {"DNSKEY", 48},
     {"DHCID", 49}, {"NSEC3", 50},   {"NSEC3PARAM", 51}, {"TLSA", 52},  {"SMIMEA", 53}, {"HIP", 55},
     {"CDS", 59},   {"CDNSKEY", 60}, {"OPENPGPKEY", 61}, {"CSYNC", 62}, {"ZONEMD", 63}, {"SVCB", 64},
     {"HTTPS", 65}, {"SPF", 99},     {"ANY", 255},       {"CAA", 257}}};

constexpr std::string_view unnamed = "TYPE";  // RFC 3597, section 5

}  // namespace

std::optional<std::uint16_t> dns_type_named(std::string_view text)
{
    for (auto const& each : types)
        if (same_word(each.name, text)) return each.value;
    if (same_word(text.substr(0, unnamed.size()), unnamed)) text.remove_prefix(unnamed.size());
    std::uint16_t number = 0;
    auto const* const last = text.data() + text.size();
    auto const [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc{} || end != last || number == 0) return std::nullopt;
    return number;
}

std::string dns_type_name(std::uint16_t number)
{
    auto const name = name_in(types, number);
    return name.empty() ? std::string(unnamed) + std::to_string(number) : std::string(name);
}

}  // namespace tp::api
