#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/ip_prefix.hpp"
#include "base/time.hpp"
#include "registry/detect/geography.hpp"
#include "registry/detect/units.hpp"

/// What was seen of one probe in one hour, gathered by whoever has the database. Detectors read nothing else.
namespace tp::registry::detect {

enum class family : std::uint8_t { v4, v6 };
inline constexpr std::size_t family_count = 2;

/// What a probe, or its host, says about itself, and what the registry keeps of it.
struct profile {
    probe_id probe;
    std::optional<coordinates> claimed;  // where it is said to be
    country_code country;                // and in which country
    as_number home_as{};                 // the AS that it was claimed from, or has been seen in for long
    std::uint64_t release = 0;           // of the firmware that it last reported
};

/// Another session of the same key that a login pushed aside.
struct rival {
    ip_address from;
    as_number as{};
    /// It still acknowledged what was sent to it after the login: two devices have the key. A line that went down, or
    /// an address that changed, leaves a session that is silent.
    bool answering = false;
};

struct login {
    wall_time at;
    ip_address from;
    as_number as{};
    country_code country;  // of the address
    std::uint32_t boot_count = 0;
    std::optional<rival> displaced;
};

/// The median of an hour's comparisons of clocks.
struct clock_reading {
    millis offset{};            // the probe's minus the controller's
    millis uncertainty{};       // half the round trip of the exchange
    bool synchronised = false;  // what the probe says of itself: it has heard from a time server lately
};

struct deliveries {
    std::uint32_t expected = 0;     // runs that its jobs had while it was in session, refusals by its guard included
    std::uint32_t arrived = 0;      // results with a time within the hour, each key once
    std::uint32_t duplicates = 0;   // the same key again
    std::uint32_t not_its_own = 0;  // never the probe's to take
    std::uint32_t sequence_conflicts = 0;  // the sequence belongs to another result of the last 24 h
    std::uint64_t octets = 0;              // of `arrived`
};

/// Pings of one measurement.
struct target_hour {
    measurement_id measurement;
    tally packets;   // answered, of those sent
    millis least{};  // round trip; of no meaning if none was answered
};

/// Targets whose outcome is known beforehand. For the first three success is wrong.
enum class canary : std::uint8_t {
    unannounced_prefix,
    closed_port,
    absent_name,
    nonce,  // an anchor tells a number that is new each time
};
std::string_view name(canary of) noexcept;

struct canary_hour {
    measurement_id measurement;
    canary kind{};
    std::uint16_t asked = 0;
    std::uint16_t wrong = 0;  // success where there is none; a nonce that the anchor did not give, or gave long ago
    std::uint16_t unanswered = 0;  // nonces only: nothing came, while the anchor answered others
};

using sha256 = std::array<std::uint8_t, 32>;

/// A probe's word on what it runs, signed with its key.
struct firmware_report {
    wall_time at;
    std::uint64_t release = 0;
    sha256 digest{};
    bool signature_valid = false;
    bool nonce_fresh = false;  // it answers the question that was asked, and not an older one
    std::string model = {};
    /// It says that it came signed. What a host installed himself nobody need have signed.
    bool from_repository = true;
    /// What runs is there to stay: committed, came signed, and no higher release failed here.
    bool settled = true;
};

struct probe_hour {
    hour_time hour;
    std::chrono::seconds connected{};  // in session with a controller
    std::optional<controller_id> controller;
    as_number as{};  // of the address that its session comes from
    country_code country;
    std::optional<as_number> measured_as;  // of the first public hop of its traceroutes, if there were some
    std::vector<login> logins;             // in order of time
    std::uint32_t disconnects = 0;
    std::uint32_t malformed_frames = 0;
    std::optional<tally> tunnel;  // segments that its controller sent again, of those sent to it (TCP_INFO)
    family tunnel_family = family::v4;
    std::optional<clock_reading> clock;
    detect::deliveries deliveries;
    std::vector<target_hour> targets;
    std::vector<canary_hour> canaries;
    std::vector<firmware_report> reports;  // in order of time

    static constexpr std::size_t most_logins = 64, most_targets = 64, most_canaries = 32, most_reports = 16;
};

// ---- what the platform itself knows

/// Where a measurement's pings go.
struct target_info {
    measurement_id measurement;
    detect::family family{};
    std::optional<coordinates> place;  // of an anchor
    as_number as{};
    std::int32_t site = 0;  // the machine: both families of an anchor have the same; 0: none
};

/// What offline keys signed, ever.
struct signed_image {
    std::uint64_t release = 0;
    sha256 digest{};
    std::string model = {};
};
struct firmware_catalogue {
    std::vector<signed_image> images;  // none: nobody is judged
    std::uint64_t floor = 0;           // the lowest release still allowed,
    hour_time floor_binds{};           // from this hour on, grace included
    bool all_report = false;           // every probe says what it runs: so who is silent hides something
};

}  // namespace tp::registry::detect
