#pragma once

#include "probe/firmware/slot_contents.hpp"
#include "probe/firmware/slot_places.hpp"

namespace tp::firmware {

/// Slots in two partitions, without a file system, for there is nothing to keep apart in them:
///
///     0 ..          the manifest, and zeros up to head_size; zeros only: there is nothing
///     head_size ..  the program
///
/// What runs from there is a copy in memory, of the very octets that were held against the manifest: whatever becomes
/// the partition, it goes on. Only a start makes one: the agent may not, under its filter of system calls.
class partition_contents final : public slot_contents {
public:
    static constexpr std::size_t head_size = 4 * 1024;  // octets

    /// @pre the places have partitions.
    partition_contents(disk& on, slot_places where, std::size_t block)
        : disk_(on), places_(std::move(where)), block_(block)
    {
    }

    result<verified_program> open(slot which, std::uint64_t release) override;
    result<manifest> check(slot which, std::uint64_t release) override;
    result<manifest> read_manifest(slot which, std::uint64_t release) override;
    result<found_releases> found() override;
    result<void> clear(slot which) override;
    result<void> fill(slot which, manifest const& content, readable& source) override;
    std::filesystem::path program(slot which, std::uint64_t) const override { return places_.partition(which); }

private:
    result<void> write_head(slot which, std::string text);
    result<manifest> read_program(slot which, std::optional<std::uint64_t> release, memory_file* copy);

    disk& disk_;
    slot_places places_;
    std::size_t block_;
};

}  // namespace tp::firmware
