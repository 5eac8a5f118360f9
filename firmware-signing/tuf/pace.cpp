#include "firmware-signing/tuf/pace.hpp"

namespace tp::tuf {

steady_time::duration pace::left(std::uint64_t received, steady_time at) const noexcept
{
    using seconds = std::chrono::duration<double>;
    seconds const earned(static_cast<double>(received) / static_cast<double>(with_.slowest));
    return began_ + with_.grace + std::chrono::duration_cast<steady_time::duration>(earned) - at;
}

}  // namespace tp::tuf
