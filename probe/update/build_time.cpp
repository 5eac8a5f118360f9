#include "base/time.hpp"
#include "probe/update/update_clock.hpp"

namespace tp::update {

wall_time build_time() noexcept
{
    return from_unix_seconds(TP_BUILT_AT);
}

}  // namespace tp::update
