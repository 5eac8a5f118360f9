#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/update_words.hpp"

namespace tp::firmware {

/// Why an update was refused or given up. Those of a trial stand in the state of the slots, which releases and
/// supervisors of before read, too: there are to be no further ones of them.
enum class cause : std::uint8_t {
    none,
    // Given up before anything was fetched, or while it was.
    not_reached,     // nobody had the files that are needed
    too_slow,        // they came more slowly than they may
    not_believed,    // the signed metadata cannot be trusted
    expired,         // its time is over: nobody signs it anew, or somebody holds newer files back
    other_protocol,  // it is signed well, in a form that only later programs know
    no_such_target,  // offline keys signed no target of this name
    no_firmware,     // what they signed under this name is no program
    other_target,    // they signed something else than the director wants
    // Refused before anything was written.
    wrong_model,       // made for other machines
    wrong_revision,    // made for other hardware revisions
    older_than_known,  // its release is lower than one that was committed here
    other_content,     // it has the release that is committed here, and other octets
    below_floor,       // a release that may not run any more
    below_own_floor,   // it says that releases as low as itself may not run
    too_far,           // what runs here is lower than the lowest release that it can follow
    failed_before,     // this very release was tried here, and failed
    trial_under_way,   // what runs here is itself on trial: the other slot is what there is to go back to
    too_large,         // more octets than a slot is to hold
    // While it was written.
    wrong_length,
    wrong_hash,
    no_space,
    disk,       // the file system said no
    no_memory,  // the kernel had none for one of our calls
    // While it was tried.
    damaged,        // what is on the disk is not what was installed
    not_started,    // the kernel would not run it
    ended,          // it ended, or the machine did, before it was committed, again and again
    not_committed,  // it ran for as long as a trial may, and was not committed
};

/// "wrong-model": as files and reports have it.
std::string_view name_of(cause why) noexcept;
std::optional<cause> cause_of(std::string_view name) noexcept;
/// For people.
std::string_view meaning_of(cause why) noexcept;

using proto::name_of;
using proto::update_result;
using proto::update_state;

/// What object 5 knows of a cause.
update_result result_of(cause why) noexcept;

/// Whether somebody who attacks the way of an update would leave this trace: signatures that are missing or of older
/// files, files that are held back, other octets or another target than were signed, a release from before or of a
/// number that is taken. A repository that is half there, a slow line, and whatever a release does by itself, are no
/// sign of one.
bool looks_like_attack(cause why) noexcept;

}  // namespace tp::firmware
