#include "probe/firmware/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <thread>
#include <utility>

namespace tp::firmware {
namespace {

constexpr std::chrono::milliseconds between{20};  // two attempts

}  // namespace

result<folder_lock> folder_lock::take(std::filesystem::path const& folder, std::chrono::milliseconds within)
{
    // The folder itself: a file of its own would have to be made first.
    folder_lock out(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (out.fd_ < 0) return error_code(errno, boost::system::system_category());
    auto const until = std::chrono::steady_clock::now() + within;
    while (::flock(out.fd_, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return error_code(errno, boost::system::system_category());
        if (std::chrono::steady_clock::now() >= until) return errc::unavailable;
        std::this_thread::sleep_for(between);
    }
    return out;
}

folder_lock::folder_lock(folder_lock&& other) noexcept : fd_(std::exchange(other.fd_, -1))
{
}

folder_lock::~folder_lock()
{
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace tp::firmware
