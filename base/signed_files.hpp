#pragma once

#include <cstdint>

namespace tp {

/// Octets of a file of the signed repository. Officers sign none that is larger, for the store takes none.
inline constexpr std::uint64_t largest_signed_file = 64ULL << 20;

}  // namespace tp
