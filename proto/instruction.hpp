#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"

namespace tp::proto {

/// What the director wants of one probe. The probe installs only what offline keys signed, too, with the same path,
/// length and hash: whoever has the director's key can choose among current releases for its model, and no more.
struct instruction {
    static constexpr std::size_t nonce_length = 16, hash_length = 32;  // octets
    static constexpr std::size_t longest_path = 256;                   // octets

    enum class mode { lazy = 1, forced = 2 };
    /// What is to be installed, and when.
    struct wanted {
        mode how = mode::lazy;
        std::string model;
        std::string target;         // its path in the repository
        std::uint64_t length = 0;   // octets, from 1
        std::string sha256;         // hash_length octets
        std::uint64_t release = 0;  // from 1
        wall_time not_before;
        wall_time deadline;  // lazy: from then on outside the host's window, too
        bool operator==(wanted const&) const = default;
    };

    probe_id probe;
    std::string nonce;              // nonce_length octets, of this instruction alone
    wall_time issued;               // the later one replaces the earlier one
    wall_time expires;              // not to be begun from this moment on
    std::int32_t rollout = 0;       // for people; from 1
    std::optional<wanted> install;  // none: halt, nothing is to be installed
    bool operator==(instruction const&) const = default;
};

/// What is signed and sent, and back. Errors: errc::malformed; errc::too_large.
std::string encode(instruction const& from);
result<instruction> decode_instruction(std::string_view octets);

/// The octets whose signature goes with an encoded instruction: nothing else that the key signs begins like them.
std::string signed_octets_of_instruction(std::string_view encoded);

}  // namespace tp::proto
