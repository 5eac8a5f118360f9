#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"

namespace tp::proto {

enum class family : std::uint8_t { v4 = 4, v6 = 6 };

/// Options of a ping. Ranges: ATLAS API, "ping". Kept by proto/codec (a frame with others is malformed) and by the API.
struct ping_options {
    static constexpr unsigned most_packets = 16, largest_size = 2048;
    static constexpr std::chrono::milliseconds shortest_interval{2}, longest_interval{30'000};

    unsigned packets = 3;  // 1 ..
    unsigned size = 48;    // payload octets, 1 ..
    std::chrono::milliseconds packet_interval{1000};
    bool include_probe_id = false;  // in the payload, for the operator of the target
    bool operator==(ping_options const&) const = default;
};

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
    std::string target;                 // as the user wrote it: a name or an address
    std::optional<ip_address> address;  // resolved by the platform; none: the probe resolves the target itself
    timetable when;
    std::variant<ping_options> options;
    bool operator==(job const&) const = default;
};

}  // namespace tp::proto
