#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"

/// The format of a signed document. For the verifier, the signer and those who show a document to a person; everybody
/// else calls verify().
///
///     trigpoint signed document, format 1
///     name anchors
///     version 7
///     expires 1798761600
///     octets 61
///
///     ...61 octets of content...
///     signature KEY-ID SIGNATURE
///
/// Signed is everything before the first signature, so the first line keeps it apart from whatever else a key may
/// sign. Each value has one spelling, signatures stand in the order of their key ids, each key once, and nothing
/// follows them: a document has one form for each set of signers.
namespace tp::signing {

inline constexpr std::string_view format_line = "trigpoint signed document, format 1";
inline constexpr std::size_t longest_name = 32;
inline constexpr std::size_t most_signatures = 16;
inline constexpr std::uint64_t highest_version = INT64_MAX;    // what PostgreSQL's bigint holds
inline constexpr std::uint64_t latest_expiry = 7'258'118'400;  // seconds since 1970: the year 2200

/// What is signed.
struct statement {
    std::string_view name;  // lower-case letters, digits and "-"
    std::uint64_t version = 0;
    wall_time expires;
    std::string_view content;
};

struct signature {
    std::string key_id;  // hexadecimal
    std::string octets;
};

/// Views into the octets that it was read from.
struct envelope {
    statement says;
    std::string_view signed_octets;
    std::vector<signature> signatures;
};

/// Errors: refusal::malformed, refusal::too_large. Nothing is believed yet: see verify().
result<envelope> read_envelope(std::string_view octets);

/// The octets to be signed. Errors: errc::out_of_range for a name, version or expiry that cannot be written;
/// refusal::too_large.
result<std::string> octets_to_sign(statement const& says);
/// Puts signatures behind what they sign, in order. @pre no key id comes twice.
std::string seal(std::string_view signed_octets, std::vector<signature> signatures);

}  // namespace tp::signing
