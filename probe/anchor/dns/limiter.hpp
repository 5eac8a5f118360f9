#pragma once

#include <cstdint>
#include <vector>

#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "probe/guard/bucket.hpp"

namespace tp::anchor {

/// How often a network is answered over UDP, where addresses of senders can be forged: whoever is flooded with our
/// answers is so at most this fast. An IPv4 /24 or an IPv6 /56 has a token bucket. Now and then one that is told no
/// gets a truncated answer, no longer than its query, so that whoever really asks comes back over TCP.
///
/// The buckets are a fixed number, shared by networks whose keyed hash is the same: it takes no memory to forge more
/// senders, nor does anybody's bucket fill up by it. Source: response rate limiting, as NSD, Knot and BIND do it.
class answer_limiter {
public:
    enum class verdict : std::uint8_t { answer, truncate, drop };

    struct options {
        unsigned per_second = 50;  // answers to one network, and as many at once
        unsigned slip = 2;         // of those told no every so manieth gets a truncated answer; 0: none
    };

    /// Two random numbers, so that nobody can find out who shares a bucket with whom.
    struct keys {
        std::uint64_t factor = 0, summand = 0;
        static keys random();
    };

    answer_limiter(options with, keys secret, steady_time now);

    verdict judge(ip_address const& from, steady_time now);

private:
    struct network {
        probe::bucket answers;
        unsigned refused = 0;
    };
    network& of(ip_address const& from);

    options with_;
    keys secret_;
    std::vector<network> networks_;
};

}  // namespace tp::anchor
