#pragma once

#include <string>

#include "probe/firmware/slots_on_disk.hpp"

namespace tp::firmware {

/// What lies in the slots, what runs, and why the last update failed, in lines for people.
std::string slots_text(known_slots const& known);

}  // namespace tp::firmware
