#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "base/ip_prefix.hpp"
#include "base/rate_limiter.hpp"
#include "base/ssh/limits.hpp"
#include "base/time.hpp"

namespace tp::ssh {

/// How far a session has come.
enum class standing : std::uint8_t {
    half_open,  // no subsystem yet
    stranger,   // it proved a key, and nobody has vouched for it
    known,
};

/// Who may come in: counts the sessions, and those of strangers (half-open ones are strangers, too) also by source. A
/// source is an IPv4 address or an IPv6 /64, which is what one customer has.
/// - The more strangers are here, the fewer may be of one source, down to one: few sources cannot take all places.
/// - A source whose sessions end as strangers again and again has to wait.
/// Pure.
class admission {
public:
    enum class verdict { welcome, full, source_full, source_waits };

    /// So many sessions of a source may end as strangers at once, for each place that it has, ...
    static constexpr unsigned strangers_for_a_place = 4;
    /// ... and then one more for each place in so long.
    static constexpr std::chrono::milliseconds rest{6'400};

    explicit admission(limits const& limits);

    verdict ask(ip_address const& from, steady_time now) const;

    /// A session comes in half-open; it may open, then be vouched for; and leaves.
    void enter(ip_address const& from);
    void opened() noexcept { --half_open_; }
    void vouched_for(ip_address const& from) { no_stranger(from); }
    /// @param as  how far it had come.
    void leave(ip_address const& from, standing as, steady_time now);

    std::size_t sessions() const noexcept { return sessions_; }
    std::size_t strangers() const noexcept { return strangers_; }
    std::size_t half_open() const noexcept { return half_open_; }

private:
    void no_stranger(ip_address const& from);
    std::size_t most_of_one_source() const noexcept;

    limits limits_;
    std::size_t sessions_ = 0, strangers_ = 0, half_open_ = 0;
    std::unordered_map<ip_address, std::size_t> by_source_;  // strangers
    rate_limiter ended_as_strangers_;
};

}  // namespace tp::ssh
