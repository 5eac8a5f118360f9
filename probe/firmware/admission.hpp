#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "probe/firmware/cause.hpp"
#include "probe/firmware/manifest.hpp"
#include "probe/firmware/slot_state.hpp"

namespace tp::firmware {

/// What machine this is.
struct device {
    std::string model;
    std::string revision;  // of the hardware; empty: it has none
};

/// What is to be installed: what signed metadata says of it.
struct offer {
    manifest content;
    std::vector<std::string> revisions;  // of the hardware that it is for; none: all
    std::uint64_t lowest_from = 0;       // the lowest release that it can follow
    bool again = false;                  // also if it was tried here and failed: somebody said so
};

struct admission {
    cause why = cause::none;
    slot into = slot::a;   // none: where it is to go
    bool is_here = false;  // none: this very release is committed, or lies ready to be tried
};

/// Whether, and where, it may be installed.
/// @param running  the slot of the program that runs now; none: not one from a slot.
admission admit(offer const& what, device const& here, slot_state const& known, std::optional<slot> running);

}  // namespace tp::firmware
