#pragma once

#include "base/ip_prefix.hpp"

namespace tp::api {

/// Whether an address is of a special-purpose block: loopback, private, link-local, multicast, documentation, and the
/// like. Source: the IANA IPv4 and IPv6 Special-Purpose Address Registries, and the multicast blocks.
bool is_special(ip_address const& address);

}  // namespace tp::api
