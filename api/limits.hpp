#pragma once

#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <cstdint>
#include <optional>

#include "store/measurements.hpp"

namespace tp::api {

/// What users may ask for. Defaults are those of RIPE Atlas where it has one.
struct limits {
    std::chrono::seconds shortest_interval{60};
    std::uint32_t running_per_account = 100;
    std::uint32_t running_per_target = 25;
    std::uint32_t probes_per_measurement = 1'000;
    std::uint32_t definitions_per_request = 100;
    store::target_caps of_targets;
    bool allow_special_targets = false;  // loopback, private and other special-purpose addresses: for a lab
};

/// Where the holders of targets put their proofs. Others than the defaults are for a laboratory.
struct abuse_settings {
    std::uint16_t http_port = 80;
    std::optional<boost::asio::ip::udp::endpoint> name_server;  // none: those of resolv.conf
};

inline constexpr std::size_t most_sources = 100;             // in one request
inline constexpr std::size_t most_tags = 32;                 // of one measurement or source
inline constexpr std::size_t longest_tag = 64;               // octets
inline constexpr std::size_t longest_description = 1024;     // octets
inline constexpr std::chrono::hours latest_start{24 * 366};  // ahead of now

}  // namespace tp::api
