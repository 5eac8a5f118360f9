#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "proto/findings.hpp"
#include "proto/job.hpp"

/// What a measurement found. It travels and is stored encoded; only the probe writes it and only the API reads it
/// whole.
namespace tp::proto {

/// Numbers are stored with every result: never reused.
enum class result_kind : std::int16_t { ping = 1, traceroute = 2, dns = 3, http = 4, tls = 5, ntp = 6 };

/// The number of the type in `options` and `findings`, which stand in the same order.
template <class Variant>
result_kind kind_of(Variant const& told) noexcept
{
    return static_cast<result_kind>(told.index() + 1);
}

/// The clocks that round trips were taken with. A run names the least exact one that it had to use.
enum class clock_kind : std::uint8_t { none = 0, user = 1, kernel_receive = 2, kernel = 3 };

struct report {
    std::string software;                       // version text of the probe
    std::chrono::seconds since_clock_sync{-1};  // Atlas `lts`; -1: unknown
    family af = family::v4;
    std::string target;  // as in the job; may be empty
    std::optional<ip_address> destination, source;
    std::optional<std::chrono::nanoseconds> resolve_time;  // only when the probe resolved the name
    std::optional<failure> failed;                         // the measurement as a whole
    clock_kind clock = clock_kind::none;
    std::optional<wall_time> planned;     // when the timetable wanted it; the result's timestamp says when it began
    unsigned jobs_beside = 0;             // how many other runs were on at its start
    std::optional<ip_address> seen_from;  // the probe's address as the controller saw it
    findings found;
    bool operator==(report const&) const = default;
};

/// Octets of an encoded report as a probe sends it, at most.
inline constexpr std::size_t largest_report = 60 * 1024;

std::string encode(report const& value);
/// Errors: errc::malformed; errc::too_large; errc::unsupported for findings of a kind that this build does not know.
result<report> decode_report(std::string_view octets);
/// The encoded report with `seen_from` set, without decoding it: at most 19 octets longer. An earlier value goes, and
/// so does what is no protobuf at the end of a broken report, since it could swallow the new value.
std::string with_seen_from(std::string encoded_report, ip_address const& address);

}  // namespace tp::proto
