#pragma once

#include "base/ip_prefix.hpp"

namespace tp {

/// What one customer of a provider has, which is how much of it counts as one where strangers are counted: an IPv4
/// address, however it is written, or an IPv6 /64.
ip_address customer_of(ip_address const& address);

}  // namespace tp
