#pragma once

#include <sys/socket.h>

#include "base/error.hpp"
#include "base/ip_prefix.hpp"

namespace tp::probe {

/// An address as the kernel takes it, port 0.
struct socket_address {
    sockaddr_storage storage{};
    socklen_t length = 0;

    sockaddr const* get() const noexcept { return reinterpret_cast<sockaddr const*>(&storage); }
    sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};
socket_address to_kernel(ip_address const& address, unsigned short port = 0);
/// Errors: errc::unsupported for another family.
result<ip_address> from_kernel(sockaddr_storage const& address);

}  // namespace tp::probe
