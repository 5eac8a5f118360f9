#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

/// The calls into the file system that slots are made of, one method for each, so that tests can let any of them fail
/// and can take away what was not flushed. Errors of all: those of the system calls.
namespace tp::firmware {

class readable {
public:
    readable() = default;
    readable(readable const&) = delete;
    readable& operator=(readable const&) = delete;
    virtual ~readable() = default;
    /// The next octets, at most so many; none at the end.
    virtual result<std::string> read(std::size_t most) = 0;
    /// For running it; below 0: it has none.
    virtual int descriptor() const noexcept { return -1; }
};

class writable {
public:
    writable() = default;
    writable(writable const&) = delete;
    writable& operator=(writable const&) = delete;
    virtual ~writable() = default;
    virtual result<void> write(std::string_view octets) = 0;
    /// Returns when the octets outlast a power cut; the file's name is its folder's matter.
    virtual result<void> flush() = 0;
};

/// Octets that are nowhere but in memory.
class memory_file {
public:
    memory_file() = default;
    memory_file(memory_file const&) = delete;
    memory_file& operator=(memory_file const&) = delete;
    virtual ~memory_file() = default;
    virtual result<void> write(std::string_view octets) = 0;
    /// There are no more, and nobody can change them. They can be run, and read from their beginning.
    virtual result<std::unique_ptr<readable>> seal() = 0;
};

class disk {
public:
    using path = std::filesystem::path;

    disk() = default;
    disk(disk const&) = delete;
    disk& operator=(disk const&) = delete;
    virtual ~disk() = default;

    /// What is read comes from the disk and not from memory, as far as that can be asked for.
    virtual result<std::unique_ptr<readable>> open(path const& file) = 0;
    /// An empty file, whatever was there before.
    virtual result<std::unique_ptr<writable>> create(path const& file, unsigned mode) = 0;
    /// A file that is there, to be written over from its beginning.
    virtual result<std::unique_ptr<writable>> reopen(path const& file) = 0;
    virtual result<void> make_folder(path const& folder) = 0;
    virtual result<std::vector<std::string>> list(path const& folder) = 0;
    virtual result<std::string> read_link(path const& link) = 0;
    virtual result<void> make_link(std::string const& to, path const& link) = 0;
    virtual result<void> rename(path const& from, path const& to) = 0;
    /// A file or a link.
    virtual result<void> remove(path const& file) = 0;
    virtual result<void> remove_folder(path const& folder) = 0;
    /// Returns when the names in the folder outlast a power cut.
    virtual result<void> flush_folder(path const& folder) = 0;
    /// Not on the disk at all.
    virtual result<std::unique_ptr<memory_file>> in_memory() = 0;
};

/// Whether there simply is nothing of that name.
bool is_absent(error_code why) noexcept;

}  // namespace tp::firmware
