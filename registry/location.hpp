#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"
#include "store/enrolment.hpp"

namespace tp::registry {

/// What the operator's MaxMind files say about addresses. Layouts: GeoLite2-ASN (autonomous_system_number; the prefix
/// is the network of its entry) and GeoLite2-Country or -City (country.iso_code). Either file may be absent: its
/// answers are then empty. The files are mapped, not read; replace them by renaming, and restart.
class location_files {
public:
    struct paths {
        std::filesystem::path asn, country;  // empty: none
    };
    /// Errors: errc::malformed for a file that is no MaxMind database; those of open(2).
    static result<location_files> open(paths const& paths);

    struct network {
        std::optional<std::uint32_t> asn;
        std::optional<ip_prefix> prefix;
        std::string country;  // ISO 3166 alpha-2, or empty
    };
    network find(ip_address const& address) const;

    /// The place of a probe: from the address that the registry saw, and for the other family from the address that the
    /// probe would send from.
    store::location locate(ip_address const& seen_from, std::optional<ip_address> const& local_v4,
                           std::optional<ip_address> const& local_v6) const;

    location_files(location_files&&) noexcept;
    location_files& operator=(location_files&&) noexcept;
    ~location_files();

private:
    location_files();
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace tp::registry
