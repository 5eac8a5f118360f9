#pragma once

#include <filesystem>

namespace tp::probe {

/// Asks the running agent to change its key, waits a while for it, and prints what became of it. The exit status.
int ask_for_new_key(std::filesystem::path const& state);

}  // namespace tp::probe
