#pragma once

#include "base/error.hpp"
#include "probe/firmware/cause.hpp"

namespace tp::update {

/// What an error of the client, the tunnel or the disk means for an update. None: the session ended, which is no
/// failure of it.
firmware::cause cause_of(error_code why) noexcept;

}  // namespace tp::update
