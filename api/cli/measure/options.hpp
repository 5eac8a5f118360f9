#pragma once

#include "api/cli/measure/types.hpp"

namespace CLI {
class App;
}

namespace tp::cli {

/// Adds to `command` what all types share (which probes, when) and what is `type`'s own. Parsing writes to `wish`,
/// which must outlive it.
void add_wish_options(CLI::App& command, measurement_type const& type, measure_wish& wish);

}  // namespace tp::cli
