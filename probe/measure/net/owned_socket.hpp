#pragma once

#include <unistd.h>

#include <utility>

namespace tp::probe {

/// A descriptor that is closed with its owner, and not known to the event loop.
class owned_socket {
public:
    owned_socket() = default;
    explicit owned_socket(int fd) noexcept : fd_(fd) {}
    owned_socket(owned_socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    owned_socket& operator=(owned_socket&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~owned_socket() { close(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    void close() noexcept
    {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

private:
    int fd_ = -1;
};

}  // namespace tp::probe
