#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "proto/options.hpp"

namespace tp::proto {

enum class family : std::uint8_t { v4 = 4, v6 = 6 };

/// When a job runs. One-off: at `start`, or at once if that has passed. Periodic: every `interval` from `start` to
/// `stop`.
struct timetable {
    static constexpr std::chrono::seconds shortest_interval{1}, longest_interval{86'400 * 365};

    wall_time start;
    std::optional<wall_time> stop;
    std::optional<std::chrono::seconds> interval;  // none: one-off
    std::chrono::seconds spread{0};                // probes run at a moment of their own within +- spread/2
    bool operator==(timetable const&) const = default;
};

/// One measurement, as one probe is to do it: data, never a command line.
struct job {
    static constexpr std::size_t longest_target = 253;  // RFC 1035, section 2.3.4

    measurement_id measurement;
    family af = family::v4;
    std::string target;                 // as the user wrote it: a name or an address; empty: see needs_target()
    std::optional<ip_address> address;  // resolved by the platform; none: the probe resolves the target itself
    timetable when;
    proto::options options;
    bool operator==(job const&) const = default;
};

/// Whether a job with these options is about a target. DNS by the probe's own resolvers is not.
inline bool needs_target(options const& told)
{
    auto const* dns = std::get_if<dns_options>(&told);
    return !dns || !dns->use_probe_resolver;
}

}  // namespace tp::proto
