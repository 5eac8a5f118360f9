#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "base/error.hpp"
#include "base/time.hpp"
#include "proto/findings.hpp"

/// NTP packets and times, RFC 5905. Pure.
namespace tp::probe {

inline constexpr std::size_t ntp_header_size = 48;  // octets; extension fields may follow

using ntp_octets = std::array<std::uint8_t, ntp_header_size>;

/// A request in client mode, version 4. Nothing but `transmit`, which the server echoes, tells it anything about us: it
/// is random (draft-ietf-ntp-data-minimization), so that nobody off the path can answer in the server's place.
ntp_octets ntp_request(proto::ntp_time transmit) noexcept;

struct ntp_header {
    static constexpr unsigned server_mode = 4;

    unsigned leap = 0, version = 0, mode = 0, stratum = 0;
    int poll = 0, precision = 0;
    std::uint32_t root_delay = 0, root_dispersion = 0, reference_id = 0;
    proto::ntp_time reference = 0, origin = 0, receive = 0, transmit = 0;
};

/// Errors: errc::malformed for what is shorter than a header.
result<ntp_header> read_ntp(std::span<std::uint8_t const> octets);

/// The code of a kiss-o'-death packet, RFC 5905, section 7.4: four letters in the reference id of stratum 0. Empty for
/// every other packet.
std::string kiss_code(ntp_header const& from);

/// A moment as a timestamp of the era that it lies in; eras last 2^32 seconds and began in 1900 and 2036.
proto::ntp_time to_ntp(wall_time at) noexcept;
/// `later` minus `earlier`. Right for moments less than 68 years apart, in whatever eras they lie.
std::chrono::nanoseconds ntp_difference(proto::ntp_time later, proto::ntp_time earlier) noexcept;

/// What the four timestamps of an exchange say, RFC 5905, section 8.
struct ntp_exchange {
    std::chrono::nanoseconds offset{};      // the server's clock minus ours
    std::chrono::nanoseconds round_trip{};  // without what the server took; below zero if the server's stamps are odd
};
/// @param sent, received  by our clock; the other two by the server's.
ntp_exchange ntp_compare(wall_time sent, proto::ntp_time receive, proto::ntp_time transmit,
                         wall_time received) noexcept;

}  // namespace tp::probe
