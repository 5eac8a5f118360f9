#pragma once

#include <cstdint>
#include <string>

namespace tp::bench {

/// An encoded report of a ping of three packets, as most results are. `varied` makes it differ from others.
std::string some_report(std::uint64_t varied);

}  // namespace tp::bench
