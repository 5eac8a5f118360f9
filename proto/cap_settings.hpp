#pragma once

#include <string>

#include "base/settings.hpp"
#include "proto/messages.hpp"

/// What probes are asked to stay below, as operators write it: the section `probe_caps` of a configuration.
namespace tp::proto {

/// 0, an empty list or nothing: no wish. What is wrong is told by finish() of the settings.
cap_limits read_cap_limits(settings& from);

/// Lines of TOML from which read_cap_limits() reads the same; none where there is no wish.
std::string cap_limits_text(cap_limits const& wish);

}  // namespace tp::proto
