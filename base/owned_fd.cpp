#include "base/owned_fd.hpp"

#include <unistd.h>

#include <cerrno>

namespace tp {

error_code last_error() noexcept
{
    return {errno, boost::system::system_category()};
}

owned_fd::~owned_fd()
{
    if (fd_ >= 0) ::close(fd_);
}

result<std::size_t> read_some(int fd, char* into, std::size_t most)
{
    for (;;) {
        auto const count = ::read(fd, into, most);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EINTR) return last_error();
    }
}

result<void> write_all(int fd, std::string_view octets)
{
    while (!octets.empty()) {
        auto const count = ::write(fd, octets.data(), octets.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return last_error();
        octets.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace tp
