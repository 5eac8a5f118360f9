#pragma once

#include <filesystem>
#include <optional>

#include "probe/firmware/slot_state.hpp"

namespace tp::firmware {

/// The slot from which this program was started, as the supervisor said.
struct own_slot {
    std::filesystem::path folder;  // of all slots
    slot_folder place{};
};
/// None: not by a supervisor.
std::optional<own_slot> own_slot_from_environment();

/// It runs because a later release failed here. So files of the host may speak of what only that one knows.
bool steps_in_for_later(own_slot const& own);

}  // namespace tp::firmware
