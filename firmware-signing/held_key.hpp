#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "firmware-signing/trusted_keys.hpp"

namespace tp::signing {

/// A key that signs, wherever it is held: in a file, in a token.
struct held_key {
    public_key shared;
    /// The signature. Errors: errc::unavailable, when whoever holds it does not sign.
    std::function<result<std::string>(std::string_view octets)> sign;
};

}  // namespace tp::signing
