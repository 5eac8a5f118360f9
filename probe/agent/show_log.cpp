#include "probe/agent/show_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "base/owned_fd.hpp"

namespace tp::probe {
namespace {

constexpr std::chrono::milliseconds look_again{500};

}  // namespace

result<void> log_reader::more(std::string& out)
{
    out = std::exchange(begun_, {});
    if (!std::exchange(started_, true)) {
        if (auto const older = open(path_.string() + ".1"); !older) return older;
        if (auto const read = drain(out); !read) return read;
        close();
    }
    for (;;) {
        bool const current = is_current();  // asked first: what was written before its successor began counts
        if (auto const read = drain(out); !read) return read;
        if (current) return {};
        close();
        if (auto const opened = open(path_); !opened || fd_ < 0) return opened;
    }
}

result<void> log_reader::open(std::filesystem::path const& path)
{
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0 && errno != ENOENT) return last_error();
    return {};
}

result<void> log_reader::drain(std::string& out)
{
    char block[16 * 1024];
    while (fd_ >= 0) {
        auto const count = ::read(fd_, block, sizeof block);
        if (count < 0) return last_error();
        if (count == 0) break;
        out.append(block, static_cast<std::size_t>(count));
    }
    return {};
}

bool log_reader::is_current() const
{
    struct stat ours {
    }, there{};
    if (fd_ < 0 || ::fstat(fd_, &ours) != 0) return false;
    return ::stat(path_.c_str(), &there) != 0 || (ours.st_ino == there.st_ino && ours.st_dev == there.st_dev);
}

void log_reader::close()
{
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

int show_log(std::filesystem::path const& folder, log_filter const& wanted, bool follow)
{
    log_reader from(folder);
    auto const print = [&](std::string_view line) {
        if (wanted.wants(line)) std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
    };
    for (;;) {
        auto const got = from.read(print);
        if (!got) {
            std::fprintf(stderr, "%s: %s\n", folder.c_str(), got.error().message().c_str());
            return 1;
        }
        if (std::fflush(stdout) != 0) return 1;  // nobody reads any more
        if (!follow) return 0;
        std::this_thread::sleep_for(look_again);
    }
}

}  // namespace tp::probe
