#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp::repository {

inline constexpr std::size_t largest_bill = 32 * 1024 * 1024;  // octets

/// What a CycloneDX SBOM in JSON says of itself.
struct bill_of_materials {
    std::string specification;  // "1.5"
    std::size_t components = 0;
};

/// Errors: errc::malformed for what is no CycloneDX in JSON; errc::too_large.
result<bill_of_materials> read_bill(std::string_view octets);

}  // namespace tp::repository
