#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "base/backoff.hpp"
#include "base/time.hpp"

namespace tp::update {

/// When the signed metadata is asked for again: soon after a session began, at once when there is news, every few hours
/// anyway, and after a failure with growing pauses.
class refresh_times {
public:
    struct options {
        std::chrono::milliseconds after_welcome{10'000};  // at most: probes that come together do not ask together
        std::chrono::seconds every = std::chrono::hours{6};
        std::chrono::milliseconds first_pause = std::chrono::minutes{1};
        std::chrono::milliseconds longest_pause = std::chrono::hours{1};
        std::chrono::milliseconds unknown_key_every = std::chrono::minutes{1};  // since the last attempt
    };

    refresh_times(options with, std::uint64_t seed)
        : options_(with), pause_(with.first_pause, with.longest_pause, seed), random_(seed)
    {
    }

    void session_began(steady_time now)
    {
        pause_.reset();
        sooner(now + part_of(options_.after_welcome));
    }
    /// An instruction came that cannot be judged, or carried out, by what is known.
    void news(steady_time now)
    {
        pause_.reset();
        due_ = now;
    }
    /// All is known, and what was to be done was done. Up to a quarter of the time later, so that a fleet spreads.
    void well(steady_time now)
    {
        pause_.reset();
        due_ = now + options_.every + part_of(options_.every / 4);
    }
    /// Something did not do well, and may do so later.
    void failed(steady_time now) { due_ = now + pause_.next(); }
    /// All is known, but what failed before has to rest until then.
    void rest(steady_time until) { due_ = until; }
    /// It is asked for now.
    void attempted(steady_time now) { attempted_ = now; }
    /// An instruction came with a key that nobody listed, as far as is known: anybody can make up such ones.
    void unknown_key(steady_time now)
    {
        sooner(attempted_ ? std::max(now, *attempted_ + options_.unknown_key_every) : now);
    }
    /// Not later than then.
    void sooner(steady_time at)
    {
        if (!due_ || at < *due_) due_ = at;
    }

    /// Nothing before the first session.
    std::optional<steady_time> due() const noexcept { return due_; }

private:
    std::chrono::milliseconds part_of(std::chrono::milliseconds whole)
    {
        return std::chrono::milliseconds(
            std::uniform_int_distribution<std::chrono::milliseconds::rep>(0, whole.count())(random_));
    }

    options options_;
    backoff pause_;
    std::mt19937_64 random_;
    std::optional<steady_time> due_, attempted_;
};

}  // namespace tp::update
