#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "probe/firmware/disk.hpp"

namespace tp::probe {

/// Destroys what makes this device the probe that it is: its keys are written over, flushed and then removed; the
/// spool, the host's log and everything else in the state folder are removed. What is left of it after a fault is gone
/// after the next call: the key goes first, so that no half of a reset is the probe of before. Errors: those of the
/// disk.
result<void> destroy_state(firmware::disk& disk, std::filesystem::path const& state);

/// Does so unless an agent runs on this folder, and says what became of it. The exit status.
int factory_reset(std::filesystem::path const& state, bool sure);

}  // namespace tp::probe
