#pragma once

#include <string>
#include <string_view>

namespace tp {

/// A code that people read off a label or a screen and type: 16 letters and digits of an alphabet of 32 without
/// look-alikes, in groups of four. 80 bits from the system's generator; throws std::runtime_error without it.
std::string random_claim_code();

/// A code as it was given out, whatever a person made of it: letters of any case, O for 0, I and L for 1, other spaces.
std::string plain_claim_code(std::string_view typed);

}  // namespace tp
