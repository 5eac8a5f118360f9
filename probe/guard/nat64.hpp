#pragma once

#include <optional>
#include <vector>

#include "base/ip_prefix.hpp"

namespace tp::probe {

/// The IPv4 address that an IPv6 address of a translation prefix of this length carries (RFC 6052, section 2.2).
/// Nothing for a length that a translator cannot have (32, 40, 48, 56, 64, 96).
std::optional<ip_address> address_inside(boost::asio::ip::address_v6 const& address, unsigned length);

/// The translation prefixes behind the AAAA answer to "ipv4only.arpa" (RFC 7050): where it carries 192.0.0.170 or .171.
std::vector<ip_prefix> translation_prefixes(ip_address const& answer);

}  // namespace tp::probe
