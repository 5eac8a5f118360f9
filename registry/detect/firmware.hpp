#pragma once

#include <cstdint>
#include <string>

#include "registry/detect/finding.hpp"
#include "registry/detect/observation.hpp"
#include "registry/detect/window_view.hpp"

/// What a probe reports to run is not what was signed, or is no longer allowed. FIRMWARE.md, section 4: version report.
namespace tp::registry::detect {

/// What is wrong with a report; the later, the worse.
enum class firmware_fault : std::uint8_t {
    none,
    went_back,        // a lower release than the report before
    below_floor,      // a release that is no longer allowed, past its grace
    stale_nonce,      // an old report, told again
    other_release,    // it was signed, as another release
    other_model,      // it was signed, for another model
    unknown_release,  // nobody signed such a release
    other_image,      // the digest is none that was signed for this release
    bad_signature,    // the report is not signed with the probe's key
};

struct firmware_limits {
    unsigned warning = 1, grave = 2;  // reports of what was not signed so (the last five faults)
    unsigned grave_stale = 3;         // reports told again
    std::size_t hours_below_floor =
        12;                         // hours in session since the first such report, and none better: time to update
    std::size_t hours_silent = 18;  // hours in session without any report: a warning
};

struct firmware_hour {
    std::uint32_t reports = 0, unsigned_ones = 0, stale = 0, below_floor = 0;
    firmware_fault worst = firmware_fault::none;
    std::uint64_t worst_release = 0;  // the release that the worst report named,
    std::string worst_model;          // and the model
    sha256 worst_digest{};
    std::uint64_t signed_release = 0;   // what that digest was signed as, if it was,
    std::string signed_model;           // and for which model
    std::uint64_t first = 0, last = 0;  // releases of the first and the last report that is settled; 0: none
    std::uint64_t floor = 0;            // what was allowed then
    bool asked = false;                 // silence means something
};

firmware_hour firmware_of(probe_hour const& seen, firmware_catalogue const& signed_ones);
verdict examine_firmware(window_view window, firmware_limits const& limits);

}  // namespace tp::registry::detect
