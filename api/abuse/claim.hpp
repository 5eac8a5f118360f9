#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/errors.hpp"
#include "base/ip_prefix.hpp"
#include "store/abuse.hpp"

/// What somebody says who wants a target to be left alone, and how its holder proves to be that. No I/O.
namespace tp::api {

/// The largest blocks that one claim may be about. Source: what a network announces at least.
inline constexpr unsigned widest_claim_v4 = 24, widest_claim_v6 = 48;
inline constexpr std::size_t longest_contact = 254, longest_complaint = 4'000;  // octets

/// A block of addresses or a host name in lower case.
struct abuse_target {
    std::optional<ip_prefix> prefix;
    std::string name;

    bool is_address() const noexcept { return prefix && prefix->length() == (prefix->network().is_v4() ? 32 : 128); }
    /// As people write it: an address without its length.
    std::string text() const;
};

struct abuse_claim {
    abuse_target target;
    std::string contact, complaint;
};
/// @param allow_special  special-purpose addresses, for a laboratory.
checked<abuse_claim> parse_abuse_claim(std::string const& body, bool allow_special);

struct abuse_verdict {
    store::abuse_decision decision{};
    std::string reason;
};
checked<abuse_verdict> parse_abuse_verdict(std::string const& body);

/// {"token": "..."}
checked<std::string> parse_abuse_token(std::string const& body);

/// Addresses to which we go to look for a proof: not loopback, private or otherwise special, and none that carries
/// another address inside.
bool may_be_asked(ip_address const& address);

inline constexpr std::string_view proof_path = "/.well-known/trigpoint-abuse";

/// The name whose TXT record proves it: that of the reverse zone, at the octet or nibble at or above the block's
/// length; of a host name "_trigpoint-abuse.NAME".
std::string proof_record(abuse_target const& target);
/// What such a record holds.
std::string proof_text(std::string_view token);
/// Where the token is fetched from. None for a block of several addresses, of which one proves nothing for the others.
std::optional<std::string> proof_url(abuse_target const& target);

/// Whether a page has the token as one of its lines. Blanks around it do not count.
bool page_proves(std::string_view page, std::string_view token);
bool records_prove(std::vector<std::string> const& texts, std::string_view token);

}  // namespace tp::api
