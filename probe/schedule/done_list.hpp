#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"

namespace tp::probe {

/// One-offs that were begun, so that none runs twice: not after a restart, and not when a controller sends it again.
/// Bounded: the oldest are forgotten (the controller keeps finished one-offs off the list once their stop has passed).
class done_list {
public:
    static constexpr std::size_t most = 4096;

    bool has(measurement_id measurement) const noexcept;
    void add(measurement_id measurement);

    /// For the state file, and back. Errors: errc::malformed.
    std::string encode() const;
    static result<done_list> decode(std::string_view octets);

private:
    std::vector<measurement_id> ring_;
    std::size_t oldest_ = 0;  // where the next goes once the ring is full
};

}  // namespace tp::probe
