#include "firmware-signing/tuf/growing_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <utility>

#include "firmware-signing/tuf/folder.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {
namespace {

constexpr std::size_t block_size = 64 * 1024;  // octets read at a time
constexpr unsigned target_mode = 0644;

class descriptor {
public:
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;
    ~descriptor()
    {
        if (fd_ >= 0) ::close(fd_);
    }
    int get() const noexcept { return fd_; }

private:
    int fd_;
};

/// Reads on to the file's end. Errors: those of `take` and of read(2).
result<void> read_blocks(int fd, std::function<result<void>(std::string_view)> const& take)
{
    std::string block(block_size, '\0');
    for (;;) {
        auto const count = ::read(fd, block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return last_error();
        if (count == 0) return {};
        if (auto const taken = take({block.data(), static_cast<std::size_t>(count)}); !taken) return taken;
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

}  // namespace

result<void> check_file(std::filesystem::path const& file, target_file const& facts)
{
    descriptor const fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (fd.get() < 0) return last_error();
    octets_check check(facts.length, facts.hashes);
    auto const all = read_blocks(fd.get(), [&](std::string_view octets) { return check.take(octets); });
    return all ? check.finish() : all;
}

growing_file::growing_file(int fd, std::filesystem::path path, target_file facts)
    : fd_(fd), path_(std::move(path)), facts_(std::move(facts)), check_(facts_.length, facts_.hashes)
{
}

growing_file::growing_file(growing_file&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      facts_(std::move(other.facts_)),
      check_(std::move(other.check_))
{
}

growing_file::~growing_file()
{
    if (fd_ >= 0) ::close(fd_);
}

result<growing_file> growing_file::open(std::filesystem::path const& folder, target_file const& facts)
{
    auto path = folder / growing_target(facts);
    int const fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, target_mode);
    if (fd < 0) return last_error();
    growing_file out(fd, std::move(path), facts);
    if (auto const taken = out.take_up(); !taken) return taken.error();
    return out;
}

/// What is there and can be no beginning of the target is thrown away.
result<void> growing_file::take_up()
{
    bool fits = true;
    auto const read = read_blocks(fd_, [&](std::string_view octets) {
        fits = fits && check_.take(octets).has_value();
        return result<void>();
    });
    if (!read) return read;
    return fits ? read : restart();
}

result<void> growing_file::restart()
{
    check_ = octets_check(facts_.length, facts_.hashes);
    if (::ftruncate(fd_, 0) != 0 || ::lseek(fd_, 0, SEEK_SET) != 0) return last_error();
    return {};
}

result<void> growing_file::append(std::string_view octets)
{
    if (auto const taken = check_.take(octets); !taken) return taken;
    return write_all(fd_, octets);
}

result<void> growing_file::finish(std::filesystem::path const& shown)
{
    if (auto const right = check_.finish(); !right) {
        bool const wrong = right.error() == refusal::wrong_hash;
        if (wrong && ::unlink(path_.c_str()) != 0) return last_error();
        return right;
    }
    if (::fsync(fd_) != 0 || ::rename(path_.c_str(), shown.c_str()) != 0) return last_error();
    return flush_folder(shown.parent_path());
}

}  // namespace tp::tuf
