#pragma once

#include "base/error.hpp"
#include "probe/firmware/cause.hpp"

namespace tp::update {

/// What an error of the client, the tunnel or the disk means for an update. None: the session ended, which is no
/// failure of it.
firmware::cause cause_of(error_code why) noexcept;

/// Whether trying again costs as much as the first time, or writes as much: then nobody but the clock says when.
bool costs_again(firmware::cause why) noexcept;

}  // namespace tp::update
