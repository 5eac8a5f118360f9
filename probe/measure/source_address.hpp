#pragma once

#include "base/error.hpp"
#include "base/ip_prefix.hpp"

namespace tp::probe {

/// The address that packets to `destination` would be sent from. Sends nothing. Errors: those of connect(2), such as
/// network unreachable.
result<ip_address> source_address(ip_address const& destination);

}  // namespace tp::probe
