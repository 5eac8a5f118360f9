#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/ip_prefix.hpp"
#include "base/settings.hpp"
#include "firmware-signing/trusted_keys.hpp"
#include "proto/messages.hpp"
#include "registry/alerts/settings.hpp"
#include "registry/director/settings.hpp"
#include "registry/watch/settings.hpp"

namespace tp::cli {

/// deploy/trigpoint.toml, read.
struct up_settings {
    static constexpr unsigned most_controllers = 64;

    std::vector<ip_address> host;       // where to listen
    std::vector<ip_address> advertise;  // what probes are told to dial; empty: this machine's own addresses
    std::uint16_t registry_port = 7440;
    std::uint16_t controllers_port = 7441;  // of the first; the others follow
    unsigned controllers = 2;
    int http_port = 7480, https_port = 7443;         // -1: not served
    std::filesystem::path tls_certificate, tls_key;  // both empty: self-made
    std::filesystem::path geo_country, geo_asn;      // MaxMind databases; empty: none
    signing::trusted_keys factory;                   // whose signatures make a factory list
    std::filesystem::path consent_file;              // the text that hosts accept; empty: none
    std::string consent_version;
    signing::trusted_keys trust;                 // whose signatures make a list of anchors
    std::string shared_buffers = "128MB";        // as PostgreSQL writes sizes
    std::chrono::seconds shortest_interval{60};  // that users may ask for
    unsigned running_per_account = 100;          // measurements
    bool allow_special_targets = false;          // private and other special-purpose addresses: for a lab
    std::optional<double> packets_per_target, packets_per_prefix;  // of the whole fleet; none: the API's default
    int abuse_http_port = 80;                                      // where proofs are fetched
    registry::watch_settings detectors;                            // what looks for bad probes
    std::vector<registry::alert_receiver> alert_receivers;         // whom alerts are brought to
    registry::director_settings director;                          // what signs instructions of rollouts
    proto::cap_limits probe_caps;                                  // what probes are asked to stay below

    std::uint16_t controller_port(unsigned index) const noexcept
    {
        return static_cast<std::uint16_t>(controllers_port + index);
    }
};

/// Asks for every key; settings::finish() then tells what was wrong.
up_settings read_up_settings(settings& from);

}  // namespace tp::cli
