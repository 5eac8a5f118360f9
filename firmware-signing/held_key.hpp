#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "firmware-signing/trusted_keys.hpp"

namespace tp::signing {

/// Answers the signature of octets. Errors: errc::unavailable and others, when whoever holds the key does not sign.
using signing_function = std::function<result<std::string>(std::string_view octets)>;

/// A key that signs, wherever it is held: in a file, in a token.
struct held_key {
    public_key shared;
    signing_function sign;
};

}  // namespace tp::signing
