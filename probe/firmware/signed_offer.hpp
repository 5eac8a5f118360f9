#pragma once

#include <string_view>

#include "base/error.hpp"
#include "firmware-signing/tuf/metadata.hpp"
#include "probe/firmware/admission.hpp"

namespace tp::firmware {

/// What signed metadata says of a target, as something to install: `custom` is what trigpoint-sign writes for a release
/// (kind, model, release, floor, from, hardware; more may be there). @pre the metadata was verified.
/// Errors: errc::unsupported when it is no firmware or has no SHA-256; errc::malformed.
result<offer> signed_offer(std::string_view path, tuf::target_file const& facts);

}  // namespace tp::firmware
