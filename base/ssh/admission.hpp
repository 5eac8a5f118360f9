#pragma once

#include <cstddef>
#include <unordered_map>

#include "base/ip_prefix.hpp"
#include "base/ssh/limits.hpp"

namespace tp::ssh {

/// Who may come in: counts the sessions, and the half-open ones also by source. A source is an IPv4 address or an IPv6
/// /64, which is what one customer has. Pure.
class admission {
public:
    enum class verdict { welcome, full, source_full };

    explicit admission(limits const& limits) noexcept : limits_(limits) {}

    verdict ask(ip_address const& from) const;

    /// A session comes in half-open, then either leaves or opens and leaves.
    void enter(ip_address const& from);
    void opened(ip_address const& from);
    void leave_half_open(ip_address const& from);
    void leave() noexcept { --sessions_; }

    std::size_t sessions() const noexcept { return sessions_; }
    std::size_t half_open() const noexcept { return half_open_; }

private:
    limits limits_;
    std::size_t sessions_ = 0, half_open_ = 0;
    std::unordered_map<ip_address, std::size_t> by_source_;
};

}  // namespace tp::ssh
