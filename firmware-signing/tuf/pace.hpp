#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "firmware-signing/tuf/limits.hpp"

namespace tp::tuf {

/// How long one may go on waiting for a file: nobody keeps us by sending an octet now and then.
class pace {
public:
    pace(steady_time began, limits const& with) noexcept : began_(began), with_(with) {}

    /// What is left until octets must have come, after so many in this download. Not above zero: it is too slow.
    steady_time::duration left(std::uint64_t received, steady_time at) const noexcept;

private:
    steady_time began_;
    limits with_;
};

}  // namespace tp::tuf
