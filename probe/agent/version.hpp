#pragma once

namespace tp::probe {

/// "0.1.0": the project's version, given by the build.
inline constexpr char const* software_version = TP_VERSION;

}  // namespace tp::probe
