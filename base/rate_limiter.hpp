#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/ip_prefix.hpp"
#include "base/time.hpp"

namespace tp {

/// How often something may happen: `burst` at once, and one more after each `refill`.
struct allowance {
    unsigned burst;
    std::chrono::milliseconds refill;
};

/// Token buckets by source address. An IPv6 address counts as its /64, which is what one host can fill alone. Memory is
/// bounded: beyond `most_sources` the one that was quiet for longest is forgotten.
class rate_limiter {
public:
    static constexpr std::size_t most_sources = 10'000;

    explicit rate_limiter(allowance allowed, std::size_t most = most_sources) : allowed_(allowed), most_(most) {}

    /// Takes one token. Answers nothing when there was one, else how long until there is.
    std::optional<std::chrono::milliseconds> take(ip_address const& source, steady_time now);

    /// Whether take() would find none.
    bool exhausted(ip_address const& source, steady_time now) const;

    std::size_t sources() const noexcept { return by_source_.size(); }

private:
    struct bucket {
        std::string source;
        std::int64_t level;  // milliseconds' worth of tokens: burst * refill is full
        steady_time filled;  // when `level` was true
    };
    bucket& of(std::string source, steady_time now);
    std::int64_t level_at(bucket const& which, steady_time now) const;

    allowance allowed_;
    std::size_t most_;
    std::list<bucket> buckets_;  // the longest quiet one first
    std::unordered_map<std::string, std::list<bucket>::iterator> by_source_;
};

}  // namespace tp
