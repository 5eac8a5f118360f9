#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/ip_prefix.hpp"

namespace tp::probe {

/// Many address blocks, and whether an address lies in one of them: asked before every packet, and small, since the
/// lists that officers sign may be long.
class prefix_set {
public:
    prefix_set() = default;
    explicit prefix_set(std::vector<ip_prefix> const& of);

    /// An IPv6 address's zone does not matter.
    bool has(ip_address const& address) const noexcept;
    bool empty() const noexcept { return v4_.empty() && v6_.empty(); }

private:
    using octets = std::array<unsigned char, 16>;
    // First and last address of each block, in ascending order, none inside another.
    std::vector<std::pair<std::uint32_t, std::uint32_t>> v4_;
    std::vector<std::pair<octets, octets>> v6_;
};

}  // namespace tp::probe
