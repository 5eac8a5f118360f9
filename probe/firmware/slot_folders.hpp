#pragma once

#include <memory>
#include <optional>

#include "probe/firmware/disk.hpp"
#include "probe/firmware/manifest.hpp"
#include "probe/firmware/slot_state.hpp"

namespace tp::firmware {

/// What lies on the disk, as far as it is known without looking into programs.
struct known_slots {
    slot_state state;
    std::optional<slot> pointer;  // the slot that `active` names
    bool settled = true;          // both copies of the state say the same
};

/// A program that is what its manifest says.
struct verified_program {
    manifest content;
    std::unique_ptr<readable> file;
};

/// The folder of the slots:
///
///     state.1, state.2   the state, twice: one of them outlasts the other's loss
///     active -> b-17     what runs, or ran last, for whoever looks
///     a-16/, b-17/       a slot with a release: `program`, `manifest`
///
/// It carries out what the state machine says, in the order that makes every interruption harmless.
class slot_folders {
public:
    /// @param block  octets read at a time.
    slot_folders(disk& on, std::filesystem::path folder, std::size_t block = 64 * 1024)
        : disk_(on), folder_(std::move(folder)), block_(block)
    {
    }

    /// What is known. When both copies of the state are gone or damaged, it is made anew from the slots, as rebuilt().
    /// Errors: those of reading, when it cannot be told what the state says.
    result<known_slots> load();
    /// What the slots themselves tell: the newer release must show anew that it works, the older one is what to go back
    /// to. The floor is the highest that either asks for, without a newer one that `active` does not name: it was not
    /// committed. Errors: those of reading the folder.
    result<known_slots> rebuilt();
    /// Writes the state, of one generation more. Errors: those of writing, when neither copy could be written.
    result<void> save(slot_state& state);
    /// Makes `active` name a slot. Errors: those of the system calls.
    result<void> point_to(slot which, slot_state const& state);

    /// The slot's program, held against its manifest. Errors: errc::rejected when it is damaged; those of reading.
    result<verified_program> open(slot which, std::uint64_t release);
    result<manifest> read_manifest(slot which, std::uint64_t release);

    /// Takes away all that lies in a slot. @pre the state says that it is empty. Errors: those of the system calls.
    result<void> clear(slot which);
    /// Puts a program into an empty slot, flushed and read back. Errors: errc::out_of_range for another length and
    /// errc::rejected for another content than the manifest's; those of the source and of the system calls.
    result<void> fill(slot which, manifest const& content, readable& source);

    std::filesystem::path program(slot which, std::uint64_t release) const;
    std::filesystem::path const& folder() const noexcept { return folder_; }

private:
    result<slot_state> read_state(char const* file);
    result<std::string> read_text(std::filesystem::path const& file);
    result<void> replace(std::string const& name, std::string_view octets);
    result<void> write_program(std::filesystem::path const& file, manifest const& content, readable& source);
    result<void> write_file(std::filesystem::path const& file, std::string_view octets, unsigned mode);
    std::optional<slot_folder> pointed();
    std::optional<verified_program> newest_in(slot which, std::vector<std::string> const& names);

    disk& disk_;
    std::filesystem::path folder_;
    std::size_t block_;
};

}  // namespace tp::firmware
