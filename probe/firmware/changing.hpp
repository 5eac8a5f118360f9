#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "probe/firmware/admission.hpp"
#include "probe/firmware/slots_on_disk.hpp"

/// What is done with slots, from the question to the disk. Whoever calls holds the folder's lock (folder_lock.hpp).
/// Each of these can be interrupted anywhere and simply be called again.
namespace tp::firmware {

struct installation {
    cause why = cause::none;  // it is not there
    error_code complaint;     // of the disk, if it was that
    slot into = slot::a;      // none: where it lies
};

using program_source = std::function<result<std::unique_ptr<readable>>()>;

/// Puts a release that was verified into the slot in which nothing runs, to be tried at the next start.
/// @param running  as for admit().
installation install(slots_on_disk& to, offer const& what, device const& here, std::optional<slot> running,
                     program_source const& source);

/// The slot's release works: it is what the probe runs from now on, and nothing below its floor runs again. To say so
/// twice is no error. Errors: errc::conflict when something else lies in the slot; errc::rejected when its manifest is
/// damaged; those of the system calls.
result<void> commit(slots_on_disk& in, slot which, std::uint64_t release);

/// A release on trial has not shown that it works. No error if it is not on trial.
/// Errors: those of the system calls.
result<void> give_up(slots_on_disk& in, slot which, std::uint64_t release, cause why);

/// Takes back what was installed and not tried yet. No error if it is something else. Errors: those of the system
/// calls.
result<void> withdraw(slots_on_disk& from, slot which, std::uint64_t release);

/// What is to be started now.
struct prepared_start {
    slot which = slot::a;
    bool trial = false;   // it has to be committed
    bool counted = true;  // the disk took what had to be written
    verified_program program;
};
/// Decides, counts a try on the disk where there is one to count, and makes `active` name the slot. A disk that cannot
/// be written is no reason to start nothing. Errors: errc::not_found when there is nothing that may run; those of
/// reading.
result<prepared_start> prepare_start(slots_on_disk& from, unsigned most_tries);

}  // namespace tp::firmware
