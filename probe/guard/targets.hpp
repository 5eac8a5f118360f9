#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "probe/guard/prefix_set.hpp"
#include "proto/report.hpp"

namespace tp::probe {

/// The special-purpose block that an address itself lies in ("private use, RFC 1918"), or nothing for an address of the
/// public Internet. Source: IANA's special-purpose address registries (IPv4 and IPv6), multicast, deprecated blocks,
/// and for IPv6 everything outside 2000::/3. Addresses that hide inside are embedded_addresses()' business.
std::optional<std::string_view> special_block(ip_address const& address);

/// The IPv4 addresses that an IPv6 address carries: packets to it may end there. IPv4-mapped, -compatible and
/// -translated, 6to4 (RFC 3056), Teredo (RFC 4380: server and client), both NAT64 prefixes (RFC 6052, RFC 8215: every
/// layout that the local-use prefix allows), ISATAP interface identifiers (RFC 5214).
std::vector<ip_address> embedded_addresses(ip_address const& address);

/// Whether the probe knows how its network translates to IPv4. As long as it does not, any IPv6 address may be a
/// private IPv4 one.
enum class translation_state {
    known,
    awaited,  // an answer may come at any moment: packets wait for it
    unknown,  // it has not come: packets are refused
};

/// Where this probe may send packets to. Public addresses, unless they are the probe's own or of its own networks; and
/// what the probe's host listed, but for what holders of addresses want to be left alone. An address that carries
/// others is allowed only if each of them is, too. Two kinds of address are exempt, and only as the probe itself
/// learned them from its own system.
class target_policy {
public:
    explicit target_policy(std::vector<ip_prefix> listed = {}) : listed_(std::move(listed)) {}

    /// The probe's own addresses and the networks that it is attached to: refused unless listed.
    void set_own(std::vector<ip_prefix> const& own) { own_ = prefix_set(own); }
    bool is_own(ip_address const& address) const;
    void set_listed(std::vector<ip_prefix> listed) { listed_ = std::move(listed); }
    /// Whose holders asked to be left alone: refused, whatever else allows or exempts them.
    void set_blocked(std::vector<ip_prefix> blocked) { blocked_ = std::move(blocked); }
    /// The machine's own resolvers (/etc/resolv.conf): exempt for DNS.
    void set_resolvers(std::vector<ip_address> resolvers) { resolvers_ = std::move(resolvers); }
    /// The first two routers on the way out: exempt for ping and traceroute.
    void set_near_hops(std::vector<ip_address> hops) { near_hops_ = std::move(hops); }
    /// What officers signed, besides what is special-purpose by itself; the host may list some of it all the same.
    void set_special(prefix_set blocks) { special_ = std::move(blocks); }
    /// Networks that want nothing from any probe. The host cannot list them.
    void set_opted_out(prefix_set blocks) { opted_out_ = std::move(blocks); }
    /// Prefixes through which this network translates to IPv4 (NAT64), besides the well-known ones.
    void set_translation(std::vector<ip_prefix> prefixes) { translation_ = std::move(prefixes); }
    void set_translation_state(translation_state now) noexcept { translation_is_ = now; }

    /// Nothing when packets may go there, else why not, for the probe's log. Exemptions are not looked at.
    std::optional<std::string> refuses(ip_address const& address) const;
    /// Whether measurements of this type may go there all the same, if the probe itself chose the address.
    bool exempts(proto::result_kind kind, ip_address const& address) const;
    /// Whether an answer that is awaited decides if they may.
    bool waits(proto::result_kind kind, ip_address const& address) const;

private:
    std::optional<std::string> refuses_itself(ip_address const& address) const;
    std::optional<std::string> refuses_translated(ip_address const& address) const;
    bool may_be_translated(ip_address const& address) const;

    std::vector<ip_prefix> listed_;
    std::vector<ip_prefix> blocked_;
    std::vector<ip_prefix> translation_;
    translation_state translation_is_ = translation_state::known;
    std::vector<ip_address> resolvers_, near_hops_;
    prefix_set own_, special_, opted_out_;
};

/// Prefixes, one a line; "#" begins a comment; empty lines are skipped.
struct allow_list {
    static constexpr std::size_t largest_file = 64 * 1024;  // octets
    static constexpr std::size_t most_prefixes = 1024;

    std::vector<ip_prefix> prefixes;
    std::optional<std::string> complaint;  // "line 3: ..."; then `prefixes` is empty: half a list is none
};
allow_list parse_allow_list(std::string_view text);

/// The networks whose machines this one reaches without a router, by the texts of /proc/net/route and
/// /proc/net/ipv6_route: also those that no own address lies in, as where DHCPv6 gives out single addresses. Interfaces
/// that are tunnels take the Internet in parts, down to a /16: of them only smaller networks count.
std::vector<ip_prefix> on_link_networks(std::string_view routes_v4, std::string_view routes_v6,
                                        std::set<std::string, std::less<>> const& tunnels);

/// The addresses and networks of this machine's interfaces. Errors: those of getifaddrs(3).
result<std::vector<ip_prefix>> own_networks();

}  // namespace tp::probe
