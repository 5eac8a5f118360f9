#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "probe/firmware/slot_state.hpp"

namespace tp::firmware {

/// Where the slots of this machine are.
struct slot_places {
    using path = std::filesystem::path;

    slot_places() = default;
    /// Of a package: all in one folder.
    slot_places(path all)
        : folder(std::move(all)) {}  // NOLINT(google-explicit-constructor): a folder is the usual case
    /// Of an image: releases lie in partitions, and the folder has what is remembered of them.
    slot_places(path state, path a, path b) : folder(std::move(state)), partitions({std::move(a), std::move(b)}) {}

    path const& partition(slot which) const { return (*partitions)[static_cast<std::size_t>(which)]; }

    path folder;                                    // of the state, and of the slots if these are no partitions
    std::optional<std::array<path, 2>> partitions;  // block devices of slot a and b
};

}  // namespace tp::firmware
