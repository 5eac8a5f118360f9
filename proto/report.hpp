#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "proto/job.hpp"

/// What a measurement found. It travels and is stored encoded; only the probe writes it and only the API reads it
/// whole.
namespace tp::proto {

/// Numbers are stored with every result: never reused.
enum class result_kind : std::int16_t { ping = 1, traceroute = 2, dns = 3, http = 4, tls = 5, ntp = 6 };

/// Whose fault a failure is.
enum class failure_source : std::uint8_t { target = 1, resolver = 2, network = 3, probe = 4, guard = 5 };

struct failure {
    failure_source source{};
    std::string text;  // as Atlas words it where it has words: "address not allowed", "dns resolution failed: ..."
    bool operator==(failure const&) const = default;
};

/// What became of one echo request.
struct ping_packet {
    std::optional<std::chrono::nanoseconds> round_trip;  // none: no reply in time
    std::optional<unsigned> ttl;                         // of the reply
    std::optional<unsigned> size;                        // payload octets of the reply, if other than sent
    std::optional<ip_address> source;                    // of the reply or error, if other than the target
    std::string error;                                   // an ICMP error or a send error in words; empty otherwise
    unsigned duplicates = 0;                             // further replies to this request
    bool operator==(ping_packet const&) const = default;
};

struct ping_report {
    static constexpr std::size_t most_packets = 16;

    unsigned size = 0;  // payload octets sent
    std::vector<ping_packet> packets;
    bool kernel_times = false;  // both stamps by the kernel; else by the user's clock
    bool operator==(ping_report const&) const = default;
};

struct report {
    std::string software;                       // version text of the probe
    std::chrono::seconds since_clock_sync{-1};  // Atlas `lts`; -1: unknown
    family af = family::v4;
    std::string target;  // as in the job
    std::optional<ip_address> destination, source;
    std::optional<std::chrono::nanoseconds> resolve_time;  // only when the probe resolved the name
    std::optional<failure> failed;                         // the measurement as a whole
    std::optional<ip_address> seen_from;                   // the probe's address as the controller saw it
    std::variant<ping_report> found;
    bool operator==(report const&) const = default;
};

/// Octets of an encoded report as a probe sends it, at most.
inline constexpr std::size_t largest_report = 16 * 1024;

std::string encode(report const& value);
/// Errors: errc::malformed; errc::too_large; errc::unsupported for findings of a kind that this build does not know.
result<report> decode_report(std::string_view octets);
/// The encoded report with `seen_from` set, without decoding it: at most 19 octets longer. An earlier value goes, and
/// so does what is no protobuf at the end of a broken report, since it could swallow the new value.
std::string with_seen_from(std::string encoded_report, ip_address const& address);

}  // namespace tp::proto
