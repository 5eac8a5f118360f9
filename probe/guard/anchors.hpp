#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ip_prefix.hpp"

namespace tp::probe {

/// A machine that agreed to be fetched from, as the signed list names it.
struct anchor {
    std::string name;                   // a host name
    std::vector<ip_address> addresses;  // at least one
    std::vector<std::uint16_t> ports{80, 443};
    bool operator==(anchor const&) const = default;
};

}  // namespace tp::probe
