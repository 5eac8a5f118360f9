#pragma once

#include <chrono>
#include <filesystem>

#include "base/error.hpp"
#include "base/owned_fd.hpp"

namespace tp::firmware {

/// Held while slots are changed: the supervisor between two starts, the agent while one runs, or the host.
class folder_lock {
public:
    static constexpr std::chrono::seconds limit{10};

    /// Waits for whoever holds it. Errors: errc::unavailable after so long; those of the system calls.
    static result<folder_lock> take(std::filesystem::path const& folder, std::chrono::milliseconds within = limit);

private:
    explicit folder_lock(owned_fd fd) noexcept : fd_(std::move(fd)) {}
    owned_fd fd_;
};

}  // namespace tp::firmware
