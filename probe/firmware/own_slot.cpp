#include "probe/firmware/own_slot.hpp"

#include <cstdlib>

namespace tp::firmware {

std::optional<own_slot> own_slot_from_environment()
{
    auto const* const folder = std::getenv("TRIGPOINT_SLOTS");
    auto const* const name = std::getenv("TRIGPOINT_SLOT");
    auto const place = name ? parse_folder(name) : std::nullopt;
    if (!folder || !place) return std::nullopt;
    return own_slot{folder, *place};
}

}  // namespace tp::firmware
