#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace tp::registry::rollout {

/// What probes of one model are to run, as the signed repository says it.
struct target {
    std::string model;
    std::string path;           // in the repository
    std::uint64_t length = 0;   // octets
    std::string sha256;         // 32 octets
    std::uint64_t release = 0;  // from 1
    bool operator==(target const&) const = default;
};

enum class mode { lazy, forced };

/// A share, in hundredths of a per cent.
using share = std::uint32_t;
inline constexpr share whole = 10'000;

/// A wave reaches, with those before it, so large a share of the fleet. 0: those that operators have named, the lab.
using waves = std::vector<share>;
inline constexpr std::size_t most_waves = 10;
/// "lab,1%,5%,25%,100%". Errors: errc::malformed; errc::out_of_range when a wave is not larger than the one before it,
/// when the last one is not 100 %, or when there are too many.
result<waves> parse_waves(std::string_view text);
std::string text_of(share of);
std::string text_of(waves const& all);

/// From what on a rollout is halted. Shares are of those that have begun; a few are always allowed, for chance.
struct limits {
    share failed = 100, silent = 200;  // of `silent`: beyond twice what is usual among those not yet updated
    std::uint32_t few_failed = 1, few_silent = 2;
    share success = 9'700;     // of those that ended, before the next wave
    share rate_lost = 500;     // more updated probes than others deliver much less than before
    share round_trip = 1'000;  // round trips of updated probes changed by so much more than others'
    bool operator==(limits const&) const = default;
};

/// As they are kept: in this order.
std::vector<std::int32_t> numbers_of(limits const& from);
/// Errors: errc::malformed.
result<limits> limits_from(std::vector<std::int32_t> const& numbers);

struct definition {
    static constexpr std::size_t most_targets = 16, longest_tag = 64;
    static constexpr std::chrono::seconds longest = std::chrono::hours{24 * 90};

    std::vector<target> targets;  // one a model
    mode how = mode::lazy;
    waves reach;
    std::string lab_tag = "lab";         // probes with it are the lab
    std::chrono::seconds soak{};         // from a wave's success until the next one
    std::chrono::seconds back_within{};  // of beginning: later is silent, and that is a failure
    std::chrono::seconds deadline{};     // after its instruction: from then on a lazy one does not wait for its host
    limits halt_at;
    std::uint64_t seed = 0;  // who is in which wave
    bool operator==(definition const&) const = default;
};

/// What is usual for a mode: lazily over days, or expedited, where waves soak for seconds.
definition usual(mode how);

/// One person alone may approve a lazy rollout with no shorter deadline and soak, no larger first wave after the lab,
/// no later one that reaches more times as many as those before, and failures told and halted on no later than usual.
inline constexpr std::chrono::seconds shortest_unhurried = std::chrono::hours{24};
inline constexpr share largest_first = 500;
inline constexpr share largest_growth = 5;
inline constexpr unsigned most_approvals = 2;

/// How many persons have to approve it: two, if it could reach the fleet before failures halt it.
unsigned approvals_for(definition const& what);

/// From being told until a probe that begins at the last moment, and is back at the last moment, was heard.
constexpr std::chrono::seconds longest_wait(definition const& what) noexcept
{
    return what.deadline + 2 * what.back_within;
}

/// Why it cannot be carried out; empty if it can.
std::string complaint_about(definition const& what);

}  // namespace tp::registry::rollout
