#include "probe/firmware/own_slot.hpp"

#include <cstdlib>

#include "probe/firmware/real_disk.hpp"
#include "probe/firmware/slot_folders.hpp"

namespace tp::firmware {

std::optional<own_slot> own_slot_from_environment()
{
    auto const* const folder = std::getenv("TRIGPOINT_SLOTS");
    auto const* const name = std::getenv("TRIGPOINT_SLOT");
    auto const place = name ? parse_folder(name) : std::nullopt;
    if (!folder || !place) return std::nullopt;
    return own_slot{folder, *place};
}

bool steps_in_for_later(own_slot const& own)
{
    real_disk disk;
    auto const known = slot_folders(disk, own.folder).load();
    return known && known->state.last_failure && known->state.last_failure->release > own.place.release;
}

}  // namespace tp::firmware
