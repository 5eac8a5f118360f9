#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp::anchor {

/// What the target of a request asks for.
struct http_wish {
    std::optional<std::size_t> size;  // octets of the body; none: as long as it comes
    std::string nonce;                // to be said again; empty: none
    bool operator==(http_wish const&) const = default;
};

inline constexpr std::size_t longest_nonce = 64;  // octets

/// Reads "/", "/4096", "/4096?nonce=Zx81.q". A size has no sign and no zeros in front; a nonce consists of letters,
/// digits and "-._~" (the unreserved characters of RFC 3986, section 2.3), and is said once. Other parameters are
/// passed over. Errors: errc::not_found for any other path; errc::too_large beyond `largest`; errc::malformed for a
/// nonce.
result<http_wish> read_target(std::string_view target, std::size_t largest);

}  // namespace tp::anchor
