#include "probe/guard/targets.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "probe/guard/nat64.hpp"

namespace tp::probe {
namespace {

using v6_octets = boost::asio::ip::address_v6::bytes_type;

struct block {
    ip_prefix prefix;
    std::string_view name;
};

struct block_text {
    std::string_view prefix, name;
};

// https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast. The globally reachable services in it
// (AS112, AMT) stay refused: they belong to everybody, and nobody asked for measurements of them.
constexpr std::array v4_blocks{
    block_text{"0.0.0.0/8", "this network, RFC 791"},
    block_text{"10.0.0.0/8", "private use, RFC 1918"},
    block_text{"100.64.0.0/10", "shared address space, RFC 6598"},
    block_text{"127.0.0.0/8", "loopback, RFC 1122"},
    block_text{"169.254.0.0/16", "link local, RFC 3927"},
    block_text{"172.16.0.0/12", "private use, RFC 1918"},
    block_text{"192.0.0.0/24", "IETF protocol assignments, RFC 6890"},
    block_text{"192.0.2.0/24", "documentation, RFC 5737"},
    block_text{"192.31.196.0/24", "AS112, RFC 7535"},
    block_text{"192.52.193.0/24", "AMT, RFC 7450"},
    block_text{"192.88.99.0/24", "6to4 relay anycast, RFC 7526"},
    block_text{"192.168.0.0/16", "private use, RFC 1918"},
    block_text{"192.175.48.0/24", "AS112 direct delegation, RFC 7534"},
    block_text{"198.18.0.0/15", "benchmarking, RFC 2544"},
    block_text{"198.51.100.0/24", "documentation, RFC 5737"},
    block_text{"203.0.113.0/24", "documentation, RFC 5737"},
    block_text{"224.0.0.0/4", "multicast, RFC 5771"},
    block_text{"240.0.0.0/4", "reserved, RFC 1112"},
};

// https://www.iana.org/assignments/iana-ipv6-special-registry, multicast, and blocks that were given up.
constexpr std::array v6_blocks{
    block_text{"::/128", "unspecified, RFC 4291"},
    block_text{"::1/128", "loopback, RFC 4291"},
    block_text{"::/96", "IPv4-compatible, RFC 4291"},
    block_text{"::ffff:0:0/96", "IPv4-mapped, RFC 4291"},
    block_text{"::ffff:0:0:0/96", "IPv4-translated, RFC 2765"},
    block_text{"64:ff9b::/96", "NAT64, RFC 6052"},
    block_text{"64:ff9b:1::/48", "local-use NAT64, RFC 8215"},
    block_text{"100::/64", "discard only, RFC 6666"},
    block_text{"100:0:0:1::/64", "dummy prefix, RFC 9780"},
    block_text{"2001::/32", "Teredo, RFC 4380"},
    block_text{"2001::/23", "IETF protocol assignments, RFC 2928"},
    block_text{"2001:db8::/32", "documentation, RFC 3849"},
    block_text{"2002::/16", "6to4, RFC 3056"},
    block_text{"2620:4f:8000::/48", "AS112 direct delegation, RFC 7534"},
    block_text{"3fff::/20", "documentation, RFC 9637"},
    block_text{"5f00::/16", "segment routing, RFC 9602"},
    block_text{"fc00::/7", "unique local, RFC 4193"},
    block_text{"fe80::/10", "link local, RFC 4291"},
    block_text{"fec0::/10", "site local, RFC 3879"},
    block_text{"ff00::/8", "multicast, RFC 4291"},
};

template <std::size_t N>
std::vector<block> parsed(std::array<block_text, N> const& texts)
{
    std::vector<block> out;
    for (auto const& [prefix, name] : texts) out.push_back({ip_prefix::parse(prefix).value(), name});
    return out;
}

bool any_contains(std::vector<ip_prefix> const& prefixes, ip_address const& address)
{
    return std::any_of(prefixes.begin(), prefixes.end(), [&](auto const& prefix) { return prefix.contains(address); });
}

ip_address v4_from(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d)
{
    return boost::asio::ip::address_v4({a, b, c, d});
}

bool starts_with(v6_octets const& octets, std::initializer_list<std::uint8_t> start)
{
    return std::equal(start.begin(), start.end(), octets.begin());
}

/// RFC 8215 leaves the length of the prefix open. A layout that gives 0.x.y.z is not the one in use.
void add_local_nat64(boost::asio::ip::address_v6 const& address, std::vector<ip_address>& out)
{
    for (auto const length : {48U, 56U, 64U, 96U}) {
        auto const inside = address_inside(address, length);
        if (inside && inside->to_v4().to_bytes()[0] != 0) out.push_back(*inside);
    }
}

/// A zone ("fe80::1%eth0") would make a link-local address another value than the listed one.
ip_address without_zone(ip_address const& address)
{
    return address.is_v6() ? ip_address(boost::asio::ip::address_v6(address.to_v6().to_bytes())) : address;
}

}  // namespace

std::optional<std::string_view> special_block(ip_address const& address)
{
    static auto const v4 = parsed(v4_blocks);
    static auto const v6 = parsed(v6_blocks);
    static auto const global_unicast = ip_prefix::parse("2000::/3").value();
    auto const& blocks = address.is_v4() ? v4 : v6;
    for (auto const& one : blocks) {
        if (one.prefix.contains(address)) return one.name;
    }
    if (address.is_v6() && !global_unicast.contains(address)) return "not global unicast, RFC 4291";
    return std::nullopt;
}

std::vector<ip_address> embedded_addresses(ip_address const& address)
{
    std::vector<ip_address> out;
    if (address.is_v4()) return out;
    auto const o = address.to_v6().to_bytes();
    auto const last = v4_from(o[12], o[13], o[14], o[15]);
    bool const unspecified_or_loopback = address.is_unspecified() || address.is_loopback();
    if (starts_with(o, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && !unspecified_or_loopback) out.push_back(last);
    if (starts_with(o, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) out.push_back(last);
    if (starts_with(o, {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0})) out.push_back(last);
    if (starts_with(o, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) out.push_back(last);
    if (starts_with(o, {0, 0x64, 0xff, 0x9b, 0, 1})) add_local_nat64(address.to_v6(), out);
    if (starts_with(o, {0x20, 0x02})) out.push_back(v4_from(o[2], o[3], o[4], o[5]));
    if (starts_with(o, {0x20, 0x01, 0, 0})) {
        out.push_back(v4_from(o[4], o[5], o[6], o[7]));
        auto const turned = [&](std::size_t i) { return static_cast<std::uint8_t>(o[i] ^ 0xff); };
        out.push_back(v4_from(turned(12), turned(13), turned(14), turned(15)));
    }
    if ((o[8] & ~0x03) == 0 && o[9] == 0 && o[10] == 0x5e && o[11] == 0xfe) out.push_back(last);
    return out;
}

std::optional<std::string> target_policy::refuses(ip_address const& address) const
{
    if (auto why = refuses_itself(address)) return why;
    for (auto const& inner : embedded_addresses(address)) {
        if (auto const why = refuses_itself(inner)) return "carries " + inner.to_string() + ": " + *why;
    }
    return refuses_translated(address);
}

std::optional<std::string> target_policy::refuses_itself(ip_address const& address) const
{
    auto const plain = without_zone(address);
    if (any_contains(blocked_, plain)) return "its holder asked not to be measured";
    if (opted_out_.has(plain)) return "its network opted out, signed list";
    if (any_contains(listed_, plain)) return std::nullopt;
    if (special_.has(plain)) return "special-purpose, signed list";
    if (auto const special = special_block(plain)) return std::string(*special);
    if (is_own(plain)) return "the probe's own network";
    return std::nullopt;
}

bool target_policy::is_own(ip_address const& address) const
{
    return own_.has(address);
}

std::optional<std::string> target_policy::refuses_translated(ip_address const& address) const
{
    if (!address.is_v6()) return std::nullopt;
    auto const plain = without_zone(address);
    for (auto const& prefix : translation_) {
        auto const inner = prefix.contains(plain) ? address_inside(plain.to_v6(), prefix.length()) : std::nullopt;
        if (!inner) continue;
        if (auto const why = refuses_itself(*inner)) return "translates to " + inner->to_string() + ": " + *why;
    }
    if (translation_is_ == translation_state::unknown && may_be_translated(plain))
        return "it is not known yet how this network translates to IPv4";
    return std::nullopt;
}

/// The host knows what it listed.
bool target_policy::may_be_translated(ip_address const& address) const
{
    return address.is_v6() && !any_contains(listed_, without_zone(address));
}

bool target_policy::waits(proto::result_kind kind, ip_address const& address) const
{
    return translation_is_ == translation_state::awaited && may_be_translated(address) && !exempts(kind, address);
}

bool target_policy::exempts(proto::result_kind kind, ip_address const& address) const
{
    auto const has = [plain = without_zone(address)](std::vector<ip_address> const& list) {
        return std::any_of(list.begin(), list.end(), [&](auto const& one) { return without_zone(one) == plain; });
    };
    using enum proto::result_kind;
    if (any_contains(blocked_, without_zone(address)) || opted_out_.has(address)) return false;
    if (kind == dns) return has(resolvers_);
    return (kind == ping || kind == traceroute) && has(near_hops_);
}

allow_list parse_allow_list(std::string_view text)
{
    allow_list out;
    auto const complain = [&](unsigned line, std::string_view what) {
        out.prefixes.clear();
        out.complaint = "line " + std::to_string(line) + ": " + std::string(what);
    };
    constexpr std::string_view blank = " \t\r";
    for (unsigned number = 1; !text.empty(); ++number) {
        auto const end = text.find('\n');
        auto line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        line = line.substr(0, line.find('#'));
        line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
        line.remove_suffix(line.size() - (line.find_last_not_of(blank) + 1));
        if (line.empty()) continue;
        auto const prefix = ip_prefix::parse(line);
        if (!prefix) return complain(number, "not an address block (192.0.2.0/24, 2001:db8::/32)"), out;
        if (out.prefixes.size() == allow_list::most_prefixes) return complain(number, "too many blocks"), out;
        out.prefixes.push_back(*prefix);
    }
    return out;
}

}  // namespace tp::probe
