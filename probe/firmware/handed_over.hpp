#pragma once

namespace tp::firmware {

/// The exit status of a program that installed the next release and ends to let it run: no failure, and nothing to rest
/// after.
inline constexpr int handed_over = 80;

}  // namespace tp::firmware
