#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe/firmware/slot_places.hpp"
#include "probe/firmware/slot_state.hpp"

namespace tp::firmware {

/// The slot from which this program was started, as the supervisor said.
struct own_slot {
    slot_places where;  // of all slots
    slot_folder place{};
};
/// None: not by a supervisor.
std::optional<own_slot> own_slot_from_environment();
/// The same for the environment of a program that is started ("NAME=VALUE").
std::vector<std::string> environment_of(own_slot const& own);
/// Whether that is such a setting.
bool is_of_own_slot(std::string_view setting) noexcept;

/// It runs because a later release failed here. So files of the host may speak of what only that one knows.
bool steps_in_for_later(own_slot const& own);

}  // namespace tp::firmware
