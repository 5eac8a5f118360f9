#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "firmware-signing/trusted_keys.hpp"

/// The one door for everything that is believed because of its signatures: octets in, content out, or the reason why
/// not. How the octets are made is no business of those who ask, so that another format can take this place.
namespace tp::signing {

inline constexpr std::size_t largest_content = 512 * 1024;                   // octets
inline constexpr std::size_t largest_document = largest_content + 4 * 1024;  // octets, with all signatures

/// A document that is believed.
struct document {
    std::string content;
    std::uint64_t version = 0;
    wall_time expires;
};

/// What whoever asks will take.
struct wanted {
    std::string_view name;         // "anchors"
    wall_time now;                 // a document that expires at this moment has expired; the epoch: whatever its age
    std::uint64_t lowest_version;  // that of the document that is known; equal is not older
};

/// Errors: those of refusal, in its order: what an unauthentic document says about itself is never judged.
result<document> verify(std::string_view octets, trusted_keys const& keys, wanted const& asked);

}  // namespace tp::signing
