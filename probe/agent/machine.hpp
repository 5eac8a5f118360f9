#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "base/ip_prefix.hpp"

namespace tp::probe {

/// Seconds since the clock was last synchronised, as the kernel knows it, or -1.
std::chrono::seconds since_clock_sync();

/// The addresses that this machine would send from to any of `peers`, or else to the public Internet.
struct local_addresses {
    std::optional<ip_address> v4, v6;
};
local_addresses find_local_addresses(std::vector<ip_address> const& peers);

}  // namespace tp::probe
