#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace tp {

/// What the last system call complained about.
error_code last_error() noexcept;

/// Owns what open(2) and its like gave, and closes it; below 0: they gave nothing.
class owned_fd {
public:
    explicit owned_fd(int fd) noexcept : fd_(fd) {}
    owned_fd(owned_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    owned_fd& operator=(owned_fd&&) = delete;
    ~owned_fd();

    int get() const noexcept { return fd_; }
    bool is_open() const noexcept { return fd_ >= 0; }

private:
    int fd_;
};

/// One read(2), begun anew if a signal interrupts it: how many octets came, 0 at the end. Errors: those of the call.
result<std::size_t> read_some(int fd, char* into, std::size_t most);

/// Writes all of it, over interruptions and short writes. Errors: those of write(2).
result<void> write_all(int fd, std::string_view octets);

}  // namespace tp
