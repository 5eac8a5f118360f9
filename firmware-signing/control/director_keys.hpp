#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "firmware-signing/trusted_keys.hpp"

/// The content of the target "control/director": whose instructions a probe follows. One key a line, in ascending
/// order:
///
///     key ed25519:24fea312c6d85fec9434af74929760ed989c8a70b3f32d4b720cb6020aeee967
namespace tp::control {

inline constexpr std::size_t most_director_keys = 8;  // at least one

/// Errors: signing::refusal::malformed for anything but the one spelling, or no key; signing::refusal::too_large.
result<std::vector<signing::public_key>> read_director_keys(std::string_view content);
/// A line of it without its end. Errors: signing::refusal::malformed.
result<signing::public_key> read_director_key(std::string_view line);

}  // namespace tp::control
