#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace tp::probe {

/// Writes as write(2); the tests put a full or broken disk in its place.
using write_call = ssize_t (*)(int fd, void const* octets, std::size_t count);

/// The segment files of a spool: numbered, written at the end of the newest, read anywhere, removed as a whole.
class segment_files {
public:
    segment_files(std::filesystem::path folder, write_call write) : folder_(std::move(folder)), write_(write) {}
    segment_files(segment_files&& other) noexcept;
    segment_files& operator=(segment_files&&) = delete;
    ~segment_files();

    /// Finds what is there. Errors: those of opening the folder.
    result<void> scan();

    /// New segments get higher numbers than this one, be there such a segment or not.
    void number_after(std::uint64_t segment) noexcept { newest_ = std::max(newest_, segment); }
    /// Begins a new segment. Errors: those of open(2).
    result<void> begin();
    /// Appends to the newest segment; after an error the segment ends where it ended before, and is not written again.
    /// Errors: those of write(2); errc::unavailable when no segment is open.
    result<void> append(std::string_view octets);
    /// Waits until what was written is on the disk. Errors: those of fdatasync(2).
    result<void> flush();
    bool dirty() const noexcept { return dirty_; }

    /// Up to `most` octets from `offset`; fewer at the end. Errors: those of open(2) and pread(2).
    result<std::string> read(std::uint64_t segment, std::uint64_t offset, std::size_t most) const;

    void remove(std::uint64_t segment);

    /// Number and size in octets of every segment.
    std::map<std::uint64_t, std::uint64_t> const& sizes() const noexcept { return sizes_; }
    bool open() const noexcept { return fd_ >= 0; }
    std::uint64_t newest() const noexcept { return newest_; }
    std::uint64_t total() const noexcept { return total_; }

private:
    std::filesystem::path path(std::uint64_t segment) const;
    void close();

    std::filesystem::path folder_;
    write_call write_;
    std::map<std::uint64_t, std::uint64_t> sizes_;
    std::uint64_t total_ = 0;
    std::uint64_t newest_ = 0;
    int fd_ = -1;
    bool dirty_ = false;
};

}  // namespace tp::probe
