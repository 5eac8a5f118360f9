#include "proto/fields.hpp"

#include <algorithm>
#include <array>

namespace tp::proto {
namespace {

struct refusal_name {
    refusal ours;
    v1::RefusalCode wire;
};

constexpr std::array refusal_names{
    refusal_name{refusal::unknown_key, v1::REFUSAL_UNKNOWN_KEY},
    refusal_name{refusal::revoked, v1::REFUSAL_REVOKED},
    refusal_name{refusal::bad_claim_code, v1::REFUSAL_BAD_CLAIM_CODE},
    refusal_name{refusal::version, v1::REFUSAL_VERSION},
    refusal_name{refusal::malformed, v1::REFUSAL_MALFORMED},
    refusal_name{refusal::not_placed_here, v1::REFUSAL_NOT_PLACED_HERE},
    refusal_name{refusal::too_many_attempts, v1::REFUSAL_TOO_MANY_ATTEMPTS},
    refusal_name{refusal::replaced, v1::REFUSAL_REPLACED},
};

// A code of a later version: "ask the registry again, after the time that it names" is safe whatever the reason, while
// refusals such as `revoked` have consequences of their own.
refusal refusal_of(v1::RefusalCode code)
{
    auto const* const found = std::ranges::find(refusal_names, code, &refusal_name::wire);
    return found == refusal_names.end() ? refusal::not_placed_here : found->ours;
}

struct octet_range {
    unsigned lowest, highest;
    bool holds(unsigned octet) const { return lowest <= octet && octet <= highest; }
};

std::size_t octets_after(unsigned lead)
{
    if (octet_range{0xc2, 0xdf}.holds(lead)) return 1;
    if (octet_range{0xe0, 0xef}.holds(lead)) return 2;
    if (octet_range{0xf0, 0xf4}.holds(lead)) return 3;
    return 0;
}

// What may follow the first octet: rules out long forms, surrogates, and what lies beyond U+10FFFF.
octet_range second_octet(unsigned lead)
{
    switch (lead) {
        case 0xe0:
            return {0xa0, 0xbf};
        case 0xed:
            return {0x80, 0x9f};
        case 0xf0:
            return {0x90, 0xbf};
        case 0xf4:
            return {0x80, 0x8f};
        default:
            return {0x80, 0xbf};
    }
}

// Octets of the character in front; 0 if it is none, or NUL, which no text in PostgreSQL holds.
// Source: RFC 3629, section 4.
std::size_t character_length(std::string_view text)
{
    auto const at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    auto const lead = at(0);
    if (lead < 0x80) return lead == 0 ? 0 : 1;
    auto const more = octets_after(lead);
    if (more == 0 || !second_octet(lead).holds(at(1))) return 0;
    for (std::size_t i = 2; i <= more; ++i)
        if (!octet_range{0x80, 0xbf}.holds(at(i))) return 0;
    return more + 1;
}

bool is_text(std::string_view text)
{
    while (!text.empty()) {
        auto const length = character_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

template <class Address>
ip_address address_from(std::string const& octets)
{
    typename Address::bytes_type bytes;
    std::ranges::copy(octets, bytes.begin());
    return Address(bytes);
}

template <class Address>
std::string octets_from(Address const& address)
{
    auto const bytes = address.to_bytes();
    return {bytes.begin(), bytes.end()};
}

}  // namespace

std::string octets_of(ip_address const& address)
{
    return address.is_v4() ? octets_from(address.to_v4()) : octets_from(address.to_v6());
}

std::string octets_of(std::optional<ip_address> const& address)
{
    return address ? octets_of(*address) : std::string();
}

std::string clean_text(std::string_view text, std::size_t most)
{
    std::string out;
    while (!text.empty()) {
        auto const length = character_length(text);
        auto const taken = std::max<std::size_t>(length, 1);
        if (out.size() + taken > most) break;
        out += length == 0 ? std::string_view("?") : text.substr(0, taken);
        text.remove_prefix(taken);
    }
    return out;
}

std::int64_t to_wire(std::chrono::seconds length)
{
    return std::chrono::milliseconds(std::clamp(length, std::chrono::seconds{0}, longest_span)).count();
}

v1::AddressFamily to_wire(family af)
{
    return af == family::v4 ? v1::FAMILY_V4 : v1::FAMILY_V6;
}

std::string field_reader::text(std::string const& octets, std::size_t most)
{
    require(octets.size() <= most, errc::too_large);
    require(is_text(octets));
    return octets;
}

std::string field_reader::octets(std::string const& value, std::size_t most)
{
    require(value.size() <= most, errc::too_large);
    return value;
}

std::optional<ip_address> field_reader::address(std::string const& octets)
{
    using namespace boost::asio::ip;
    if (octets.empty()) return std::nullopt;
    if (octets.size() == address_v4::bytes_type{}.size()) return address_from<address_v4>(octets);
    if (octets.size() == address_v6::bytes_type{}.size()) return address_from<address_v6>(octets);
    require(false);
    return std::nullopt;
}

wall_time field_reader::time(std::int64_t nanoseconds)
{
    return std::clamp(wall_time(std::chrono::nanoseconds(nanoseconds)), earliest_time, latest_time);
}

std::chrono::seconds field_reader::span(std::int64_t milliseconds, std::chrono::seconds shortest)
{
    constexpr auto most = std::chrono::milliseconds(longest_span).count();
    require(0 <= milliseconds && milliseconds <= most);
    auto const held = std::chrono::milliseconds(std::clamp<std::int64_t>(milliseconds, 0, most));
    return within(std::chrono::ceil<std::chrono::seconds>(held), shortest, longest_span);
}

std::chrono::nanoseconds field_reader::fine_span(std::int64_t count)
{
    using std::chrono::nanoseconds;
    return within(nanoseconds{count}, nanoseconds{0}, nanoseconds{longest_span});
}

family field_reader::read_family(v1::AddressFamily value)
{
    require(value == v1::FAMILY_V4 || value == v1::FAMILY_V6);
    return value == v1::FAMILY_V6 ? family::v6 : family::v4;
}

version_range field_reader::versions(v1::VersionRange const& from)
{
    require(1 <= from.lowest() && from.lowest() <= from.highest());
    return {.lowest = from.lowest(), .highest = from.highest()};
}

software field_reader::runs(v1::Software const& from)
{
    at_most(from.capabilities_size(), most_capabilities);
    software out{.version = text(from.version()), .capabilities = {}};
    for (auto const& capability : from.capabilities()) out.capabilities.push_back(text(capability, longest_name));
    return out;
}

void write(version_range const& from, v1::VersionRange& to)
{
    to.set_lowest(from.lowest);
    to.set_highest(from.highest);
}

void write(software const& from, v1::Software& to)
{
    to.set_version(clean_text(from.version));
    for (auto const& capability : from.capabilities) to.add_capabilities(clean_text(capability, longest_name));
}

void write(wait const& from, v1::Wait& to)
{
    to.set_length_ms(to_wire(from.length));
    to.set_reason(clean_text(from.reason));
}

void write(refuse const& from, v1::Refuse& to)
{
    auto const* const code = std::ranges::find(refusal_names, from.code, &refusal_name::ours);
    to.set_code(code->wire);
    to.set_reason(clean_text(from.reason));
    to.set_retry_after_ms(to_wire(from.retry_after));
}

result<wait> read_wait(v1::Wait const& from)
{
    field_reader in;
    return in.finish(wait{.length = in.span(from.length_ms()), .reason = in.text(from.reason())});
}

result<refuse> read_refuse(v1::Refuse const& from)
{
    field_reader in;
    in.require(from.code() != v1::REFUSAL_UNSPECIFIED);
    return in.finish(refuse{.code = refusal_of(from.code()),
                            .reason = in.text(from.reason()),
                            .retry_after = in.span(from.retry_after_ms())});
}

}  // namespace tp::proto
