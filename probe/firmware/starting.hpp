#pragma once

#include <array>
#include <optional>

#include "probe/firmware/slot_state.hpp"
#include "proto/update_words.hpp"

namespace tp::firmware {

/// Slots whose content was looked at and is not what was installed, or cannot be read.
using slot_set = std::array<bool, 2>;

/// What is to be started next.
struct start_plan {
    std::optional<slot> start;  // none: there is nothing that may run
    bool trial = false;         // it has to be committed
    slot_state state;           // to be on the disk first
    bool changed = false;       // whether it differs from what was there
};

/// Decides: a release on trial, as long as it has tries left; else the highest committed one; else whatever there is,
/// for a probe that runs something can be helped. Nothing below the floor in any case.
start_plan plan_start(slot_state const& known, slot_set const& unusable, unsigned most_tries);

/// The same when nothing can be written: a trial that cannot be counted is made only if there is nothing else.
start_plan plan_uncounted(slot_state const& known, slot_set const& unusable);

/// Why what is in a slot was started, as its record says right after that.
/// @param last  the failure that is remembered.
proto::boot_reason boot_reason_of(slot_record const& started, std::optional<failure> const& last) noexcept;

}  // namespace tp::firmware
