#include "firmware-signing/tuf/growing_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <functional>
#include <utility>

#include "firmware-signing/tuf/folder.hpp"
#include "firmware-signing/tuf/names.hpp"
#include "firmware-signing/tuf/refusal.hpp"

namespace tp::tuf {
namespace {

constexpr std::size_t block_size = 64 * 1024;  // octets read at a time
constexpr unsigned target_mode = 0644;

/// Reads on to the file's end. Errors: those of `take` and of read(2).
result<void> read_blocks(int fd, std::function<result<void>(std::string_view)> const& take)
{
    std::string block(block_size, '\0');
    for (;;) {
        auto const count = read_some(fd, block.data(), block.size());
        if (!count) return count.error();
        if (*count == 0) return {};
        if (auto const taken = take({block.data(), *count}); !taken) return taken;
    }
}

}  // namespace

result<void> check_file(std::filesystem::path const& file, target_file const& facts)
{
    owned_fd const fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.is_open()) return last_error();
    octets_check check(facts.length, facts.hashes);
    auto const all = read_blocks(fd.get(), [&](std::string_view octets) { return check.take(octets); });
    return all ? check.finish() : all;
}

growing_file::growing_file(owned_fd fd, std::filesystem::path path, target_file facts)
    : fd_(std::move(fd)), path_(std::move(path)), facts_(std::move(facts)), check_(facts_.length, facts_.hashes)
{
}

result<growing_file> growing_file::open(std::filesystem::path const& folder, target_file const& facts)
{
    auto path = folder / growing_target(facts);
    owned_fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, target_mode));
    if (!fd.is_open()) return last_error();
    growing_file out(std::move(fd), std::move(path), facts);
    if (auto const taken = out.take_up(); !taken) return taken.error();
    return out;
}

/// What is there and can be no beginning of the target is thrown away.
result<void> growing_file::take_up()
{
    bool fits = true;
    auto const read = read_blocks(fd_.get(), [&](std::string_view octets) {
        fits = fits && check_.take(octets).has_value();
        return result<void>();
    });
    if (!read) return read;
    return fits ? read : restart();
}

result<void> growing_file::restart()
{
    check_ = octets_check(facts_.length, facts_.hashes);
    if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0) return last_error();
    return {};
}

result<void> growing_file::append(std::string_view octets)
{
    if (auto const taken = check_.take(octets); !taken) return taken;
    return write_all(fd_.get(), octets);
}

result<void> growing_file::finish(std::filesystem::path const& shown)
{
    if (auto const right = check_.finish(); !right) {
        bool const wrong = right.error() == refusal::wrong_hash;
        if (wrong && ::unlink(path_.c_str()) != 0) return last_error();
        return right;
    }
    if (::fsync(fd_.get()) != 0 || ::rename(path_.c_str(), shown.c_str()) != 0) return last_error();
    return flush_folder(shown.parent_path());
}

}  // namespace tp::tuf
