#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/settings.hpp"
#include "base/ssh/keys.hpp"
#include "firmware-signing/trusted_keys.hpp"
#include "probe/guard/guard.hpp"
#include "probe/link/dialling.hpp"
#include "probe/spool/spool.hpp"
#include "probe/update/update_plan.hpp"

namespace tp::probe {

/// An address or a name, and a port: "192.0.2.1:7441", "[2001:db8::1]:7441", "registry.example.net:7441".
struct host_port {
    std::string host;
    unsigned short port = 0;
    bool operator==(host_port const&) const = default;

    /// Errors: errc::malformed.
    static result<host_port> parse(std::string_view text);
};

/// What the probe's host says. deploy/trigpoint-probe.toml shows every key with its default.
struct configuration {
    std::vector<host_port> registries;
    std::vector<ssh::public_key> registry_keys;
    std::string claim_code;
    std::filesystem::path state = "/var/lib/trigpoint-probe";
    std::string user;                  // to become when started as root; empty: stay
    std::filesystem::path allow_file;  // empty: no exemptions
    signing::trusted_keys trust;       // of the list of anchors
    caps limits = caps::home();
    std::optional<std::chrono::minutes> utc_offset;  // of quiet hours and days; none: the system's zone
    std::uint64_t log_octets = 1024 * 1024;          // of the host's log, twice
    spool_limits spool;
    dialling::options redial;
    std::chrono::seconds jobs_kept = std::chrono::days{7};     // without hearing from a controller
    std::filesystem::path slots = "/var/lib/trigpoint-slots";  // of the program, for `status`
    std::chrono::seconds commit_after{600};  // so long a new release has to run before it can be committed
    std::filesystem::path updates_root;      // of the signed repository, to begin with; empty: no updates
    update::host_wishes updates;
    std::string hardware;  // its revision; empty: it has none
    bool verbose = false;

    std::filesystem::path key() const { return state / "key"; }
    std::filesystem::path updates_folder() const { return state / "updates"; }

    /// The configuration, or the complaint: what is wrong, and where.
    static boost::system::result<configuration, std::string> read(
        settings from, settings::unknown_keys are = settings::unknown_keys::refused);
};

}  // namespace tp::probe
