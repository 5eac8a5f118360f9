#pragma once

#include <string>

#include "base/settings.hpp"
#include "firmware-signing/trusted_keys.hpp"

namespace tp::signing {

/// Reads "trust.keys" (a list of public keys, as public_key::parse() takes them) and "trust.threshold" (how many of
/// them must have signed; 1 unless said). No keys: nobody is trusted. What is wrong is told by finish() of the
/// settings. Another section has the same keys for documents of another kind.
trusted_keys read_trusted_keys(settings& from, std::string const& section = "trust");

}  // namespace tp::signing
