#include "probe/firmware/own_slot.hpp"

#include <cstdlib>

#include "probe/firmware/real_disk.hpp"
#include "probe/firmware/slots_on_disk.hpp"

namespace tp::firmware {

std::optional<own_slot> own_slot_from_environment()
{
    auto const* const folder = std::getenv("TRIGPOINT_SLOTS");
    auto const* const name = std::getenv("TRIGPOINT_SLOT");
    auto const* const a = std::getenv("TRIGPOINT_SLOT_A");
    auto const* const b = std::getenv("TRIGPOINT_SLOT_B");
    auto const place = name ? parse_folder(name) : std::nullopt;
    if (!folder || !place) return std::nullopt;
    return own_slot{a && b ? slot_places(folder, a, b) : slot_places(folder), *place};
}

std::vector<std::string> environment_of(own_slot const& own)
{
    std::vector<std::string> out{"TRIGPOINT_SLOTS=" + own.where.folder.string(),
                                 "TRIGPOINT_SLOT=" + folder_of(own.place.which, own.place.release)};
    if (!own.where.partitions) return out;
    out.push_back("TRIGPOINT_SLOT_A=" + own.where.partition(slot::a).string());
    out.push_back("TRIGPOINT_SLOT_B=" + own.where.partition(slot::b).string());
    return out;
}

bool is_of_own_slot(std::string_view setting) noexcept
{
    for (auto const* const name : {"TRIGPOINT_SLOTS=", "TRIGPOINT_SLOT=", "TRIGPOINT_SLOT_A=", "TRIGPOINT_SLOT_B="})
        if (setting.starts_with(name)) return true;
    return false;
}

bool steps_in_for_later(own_slot const& own)
{
    real_disk disk;
    auto const known = slots_on_disk(disk, own.where).load();
    return known && known->state.last_failure && known->state.last_failure->release > own.place.release;
}

}  // namespace tp::firmware
