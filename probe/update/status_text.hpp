#pragma once

#include <string>

#include "base/time.hpp"
#include "probe/update/memory.hpp"

namespace tp::update {

/// What `trigpoint-probe status` says of updates: the trusted root, the last instruction, what became of it, and when
/// it is planned.
std::string status_text(memory const& known, host_wishes const& host, wall_time put_off, wall_time now);

}  // namespace tp::update
