#include "controller/session_allowance.hpp"

namespace tp::controller {

void session_allowance::heard(steady_time now) noexcept
{
    if (now - since_ < allowance_window) return;
    version_reports_ = events_ = 0;
    since_ = now;
}

bool session_allowance::take(unsigned& taken, unsigned most) noexcept
{
    if (taken >= most) return false;
    ++taken;
    return true;
}

}  // namespace tp::controller
