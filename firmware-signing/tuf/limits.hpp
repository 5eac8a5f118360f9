#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tp::tuf {

/// How much is taken, and how long is waited. The sizes are those of the reference clients.
struct limits {
    // Octets of a file whose length no metadata states, and the most that metadata may state.
    std::uint64_t root = 512'000;
    std::uint64_t timestamp = 16'384;
    std::uint64_t snapshot = 2'000'000;
    std::uint64_t targets = 5'000'000;
    std::size_t rotations = 256;  // new roots in one update; the next one goes on
    std::size_t roles = 32;       // delegated roles that one search visits

    // A download must have brought (time since its begin - grace) * slowest octets at any time.
    std::chrono::seconds grace{15};
    std::uint64_t slowest = 1'024;         // octets a second
    std::chrono::minutes metadata_in{10};  // all of a refresh, and all of a search
};

}  // namespace tp::tuf
