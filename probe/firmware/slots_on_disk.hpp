#pragma once

#include <memory>
#include <optional>

#include "probe/firmware/slot_contents.hpp"
#include "probe/firmware/slot_places.hpp"
#include "probe/firmware/slot_state.hpp"

namespace tp::firmware {

/// What lies on the disk, as far as it is known without looking into programs.
struct known_slots {
    slot_state state;
    std::optional<slot> pointer;  // the slot that `active` names
    bool settled = true;          // both copies of the state say the same
    error_code unread;            // something that it was to be known by could not be read
};

/// What is remembered of the slots, in a folder, and what lies in them:
///
///     state.1, state.2   the state, twice: one of them outlasts the other's loss
///     active -> b-17     what runs, or ran last, for whoever looks
///     a-16/, b-17/       slots of a package (folder_contents.hpp); those of an image are partitions
///
/// It carries out what the state machine says, in the order that makes every interruption harmless.
class slots_on_disk {
public:
    /// @param block  octets read at a time.
    slots_on_disk(disk& on, slot_places const& where, std::size_t block = 64 * 1024);

    /// What is known. When both copies of the state are gone or damaged, it is made anew from the slots, as rebuilt().
    /// Errors: those of reading, when it cannot be told what the state says, or without it what lies in a slot.
    result<known_slots> load();
    /// What the slots themselves tell: the newer release must show anew that it works, the older one is what to go back
    /// to. The floor is the highest that either asks for, without a newer one that `active` does not name: it was not
    /// committed. Not for sure if something is `unread`. Errors: those of reading the folder.
    result<known_slots> rebuilt();
    /// Writes the state, of one generation more. Errors: those of writing, when neither copy could be written.
    result<void> save(slot_state& state);
    /// Makes `active` name a slot. Errors: those of the system calls.
    result<void> point_to(slot which, slot_state const& state);

    /// What lies in the slots. To clear or fill one, the state has to say that it is empty.
    slot_contents& contents() noexcept { return *contents_; }
    std::filesystem::path const& folder() const noexcept { return folder_; }

private:
    result<slot_state> read_state(char const* file);
    result<void> replace(std::string const& name, std::string_view octets);
    std::optional<slot_folder> pointed();

    disk& disk_;
    std::filesystem::path folder_;
    std::unique_ptr<slot_contents> contents_;
};

}  // namespace tp::firmware
