#include "probe/firmware/commit_gate.hpp"

namespace tp::firmware {

lacking what_is_lacking(health const& now_known, steady_time now, std::chrono::seconds soak) noexcept
{
    if (!now_known.in_session) return lacking::session;
    if (!now_known.measured) return lacking::measurement;
    if (!now_known.reported) return lacking::report;
    bool const long_enough = now_known.running_since && now - *now_known.running_since >= soak;
    return long_enough ? lacking::nothing : lacking::time;
}

}  // namespace tp::firmware
