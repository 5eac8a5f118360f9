#pragma once

#include <array>
#include <memory>
#include <optional>

#include "probe/firmware/disk.hpp"
#include "probe/firmware/manifest.hpp"
#include "probe/firmware/slot_state.hpp"

namespace tp::firmware {

/// A program that is what its manifest says.
struct verified_program {
    manifest content;
    std::unique_ptr<readable> file;  // for its descriptor; it was read to its end
};

/// What is whole in the two slots.
struct found_releases {
    std::array<std::optional<manifest>, 2> in;
    error_code unread;  // of what could not be read: there may be more
};

/// What lies in the two slots, each with a program and its manifest: in folders of a package, in partitions of an
/// image.
class slot_contents {
public:
    slot_contents() = default;
    slot_contents(slot_contents const&) = delete;
    slot_contents& operator=(slot_contents const&) = delete;
    virtual ~slot_contents() = default;

    /// The slot's program, held against its manifest, to be run. Errors: errc::rejected when it is damaged; those of
    /// reading.
    virtual result<verified_program> open(slot which, std::uint64_t release) = 0;
    /// The same, not to be run. Errors: as open().
    virtual result<manifest> check(slot which, std::uint64_t release) = 0;
    /// Errors: errc::rejected when it is damaged or another release's; those of reading.
    virtual result<manifest> read_manifest(slot which, std::uint64_t release) = 0;
    /// The highest release in each slot that is whole, for want of a state. Errors: those of reading the folder.
    virtual result<found_releases> found() = 0;

    /// Takes away all that lies in a slot. Errors: those of the system calls.
    virtual result<void> clear(slot which) = 0;
    /// Puts a program into an empty slot, flushed and read back. Errors: errc::out_of_range for another length and
    /// errc::rejected for another content than the manifest's; those of the source and of the system calls.
    virtual result<void> fill(slot which, manifest const& content, readable& source) = 0;

    /// By what name a slot's program goes.
    virtual std::filesystem::path program(slot which, std::uint64_t release) const = 0;
};

/// Reads as many octets as a manifest says, at most `block` at a time, and gives them to `copy` if there is one.
/// Errors: errc::rejected when they are not what the manifest says; those of reading and copying.
result<void> check_program(readable& file, manifest const& content, std::size_t block, memory_file* copy = nullptr);

/// Writes a release that is to be as long as its manifest says, and flushes it. Errors: errc::out_of_range when it is
/// not; those of reading and writing.
result<void> write_program(writable& to, manifest const& content, readable& source, std::size_t block);

}  // namespace tp::firmware
