#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "proto/update_words.hpp"

namespace tp::proto {

/// What a probe runs, from where, and why its last update failed. It is signed with the probe's key, so that it can be
/// believed long after the session in which it came.
struct version_report {
    static constexpr std::size_t hash_length = 32, nonce_length = 16;  // octets
    static constexpr std::uint32_t highest_standing = 3, highest_state = 3, highest_result = 9;
    static constexpr std::uint32_t highest_boot_reason = 5, highest_attack = 2;
    /// Octets of a program. Well above what a slot takes today, as a controller from before refuses what is larger.
    static constexpr std::uint64_t largest_program = 1024 * 1024 * 1024;

    /// An update that did not succeed.
    struct failure {
        /// The cause of a trial that ended by itself: the program ran, and the platform did not hear it in time.
        static constexpr std::string_view not_committed = "not-committed";
        /// Causes that say nothing of the release: its files, or fresh signatures, did not arrive. The probe tries on.
        static constexpr std::string_view not_reached = "not-reached", too_slow = "too-slow", expired = "expired";
        static constexpr std::array passing{not_reached, too_slow, expired};
        static constexpr bool passes(std::string_view cause) noexcept
        {
            return std::find(passing.begin(), passing.end(), cause) != passing.end();
        }

        std::uint64_t release = 0;  // from 1
        std::string cause;          // "ended", "damaged", ...
        bool operator==(failure const&) const = default;
    };
    /// The slot that runs.
    struct slot {
        std::string name;  // "a", "b"
        std::string model;
        std::uint64_t release = 0;             // from 1
        std::string sha256;                    // of the program: hash_length octets
        std::uint32_t standing = 0;            // 1 on trial, 2 committed, 3 failed, and there is nothing else
        std::uint32_t tries = 0;               // starts of the trial
        std::uint64_t floor = 0, highest = 0;  // the lowest release that may run; the highest that was committed
        /// Its path in the signed repository, or "host/RELEASE" for what the host installed himself; empty: not told.
        std::string target = {};
        std::uint64_t length = 0;  // octets of the program; 0: not told
        bool operator==(slot const&) const = default;
    };

    probe_id probe;
    std::uint64_t number = 0;  // counted by the probe since its start
    std::uint32_t boot_count = 0;
    wall_time at;
    std::string software;                               // version text
    std::optional<slot> from;                           // none: not from a slot
    std::uint32_t update_state = 0, update_result = 0;  // LwM2M, object 5, resources 3 and 5
    std::optional<failure> last_failure;
    std::string instruction;         // nonce of the instruction that state and result are about; empty: none
    std::uint64_t root_version = 0;  // of the trusted root of the repository; 0: none
    boot_reason started = boot_reason::not_told;
    attack_sign attack = attack_sign::not_told;
    bool operator==(version_report const&) const = default;
};

/// What is signed and sent, and back. Errors: errc::malformed; errc::too_large.
std::string encode(version_report const& report);
result<version_report> decode_version_report(std::string_view octets);

/// Whether a slot's target says that it came signed. What a host installs himself nobody need have signed.
bool came_from_repository(std::string_view target) noexcept;

/// The octets whose signature goes with an encoded report: nothing else that the key signs begins like them.
std::string signed_octets_of_report(std::string_view encoded);

}  // namespace tp::proto
