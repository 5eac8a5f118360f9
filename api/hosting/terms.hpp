#pragma once

#include <string>

#include "firmware-signing/trusted_keys.hpp"

namespace tp::api {

inline constexpr std::size_t largest_consent = 256 * 1024;  // octets of the text

/// What a host agrees to, and whose devices hosts may claim.
struct host_terms {
    std::string consent_version, consent_text;  // no version: nothing is asked for
    signing::trusted_keys factory;              // whose signatures make a factory list
};

}  // namespace tp::api
