#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proto/codec.hpp"

namespace tp::proto {

/// What decodes can be written and read again, and is then written the same.
template <auto Decode>
void round_trip(std::uint8_t const* data, std::size_t size)
{
    auto const first = Decode(std::string_view(reinterpret_cast<char const*>(data), size));
    if (!first) return;
    auto const written = encode(*first);
    auto const second = Decode(written);
    // Just below the limit it may outgrow it: parts of a second are written as a whole one, for instance.
    if (!second && second.error() == errc::too_large && written.size() > size) return;
    if (!second || encode(*second) != written) std::abort();
}

}  // namespace tp::proto
