#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "probe/guard/targets.hpp"

namespace tp::probe {

/// When the network is asked how it translates to IPv4 (RFC 7050), and what holds until it has answered. Decides only.
class translation_watch {
public:
    static constexpr std::chrono::hours ask_every{1};       // after an answer
    static constexpr std::chrono::seconds ask_again{5};     // after none, as long as packets wait or are refused, ...
    static constexpr std::chrono::minutes ask_at_ease{10};  // ... and else
    static constexpr std::chrono::seconds longest_wait{8};  // of packets; less than any engine holds one back
    static constexpr std::chrono::minutes longest_unknown{10};  // a resolver that never answers must not end IPv6

    /// This machine may stand in another network now.
    void network_changed(bool has_v6, steady_time now);
    /// Whether the network is to be asked now, and the number of this network.
    bool due(steady_time now) const noexcept { return next_ && now >= *next_; }
    std::uint64_t network() const noexcept { return network_; }
    /// What came of a question to that network: an answer, be it that there is no translation, or none. False: it is
    /// of no use, since the network changed meanwhile.
    bool answered(std::uint64_t network, bool definite, steady_time now);

    translation_state state(steady_time now) const noexcept;

private:
    std::uint64_t network_ = 0;
    std::optional<steady_time> open_since_;  // none: it is known
    std::optional<steady_time> next_;        // none: nobody needs to know
};

}  // namespace tp::probe
