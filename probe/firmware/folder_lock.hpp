#pragma once

#include <chrono>
#include <filesystem>

#include "base/error.hpp"

namespace tp::firmware {

/// Held while slots are changed: the supervisor between two starts, the agent while one runs, or the host.
class folder_lock {
public:
    static constexpr std::chrono::seconds limit{10};

    /// Waits for whoever holds it. Errors: errc::unavailable after so long; those of the system calls.
    static result<folder_lock> take(std::filesystem::path const& folder, std::chrono::milliseconds within = limit);

    folder_lock(folder_lock&& other) noexcept;
    folder_lock& operator=(folder_lock&&) = delete;
    ~folder_lock();

private:
    explicit folder_lock(int fd) noexcept : fd_(fd) {}
    int fd_;
};

}  // namespace tp::firmware
