#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "api/errors.hpp"
#include "api/hosting/terms.hpp"

/// Bodies of what hosts ask for.
namespace tp::api {

inline constexpr std::size_t longest_consent = 64, longest_code = 64;  // octets
inline constexpr std::chrono::seconds usual_offer{7 * 86'400}, longest_offer{30 * 86'400};

/// A code from a label, or from a host who hands his probe over. {"code": "7KQ2-...", "consent": "2026-11"}.
struct code_request {
    std::string code;
    std::optional<std::string> consent;
};
checked<code_request> parse_code_request(std::string const& body);

/// {"lifetime": seconds}; an empty body takes the usual one.
checked<std::chrono::seconds> parse_offer(std::string const& body);

/// {"consent": "2026-11"}.
checked<std::string> parse_consent(std::string const& body);

/// What is recorded of what a host accepted: nothing where no text is asked for. A problem unless it is the present
/// version of the text.
checked<std::optional<std::string>> agreed(std::optional<std::string> const& consent, host_terms const& terms);

}  // namespace tp::api
