#include "probe/firmware/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <thread>

namespace tp::firmware {
namespace {

constexpr std::chrono::milliseconds between{20};  // two attempts

}  // namespace

result<folder_lock> folder_lock::take(std::filesystem::path const& folder, std::chrono::milliseconds within)
{
    // The folder itself: a file of its own would have to be made first.
    folder_lock out(owned_fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
    if (!out.fd_.is_open()) return last_error();
    auto const until = std::chrono::steady_clock::now() + within;
    while (::flock(out.fd_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return last_error();
        if (std::chrono::steady_clock::now() >= until) return errc::unavailable;
        std::this_thread::sleep_for(between);
    }
    return out;
}

}  // namespace tp::firmware
