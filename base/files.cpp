#include "base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/owned_fd.hpp"

namespace tp {
namespace {

result<std::string> read_all(int fd, std::size_t most)
{
    std::string content;
    char block[16 * 1024];
    for (;;) {
        auto const count = read_some(fd, block, sizeof block);
        if (!count) return count.error();
        if (*count == 0) return content;
        if (content.size() + *count > most) return errc::too_large;
        content.append(block, *count);
    }
}

result<void> fill(int fd, std::string_view content, unsigned mode)
{
    if (::fchmod(fd, mode) != 0) return last_error();
    auto const written = write_all(fd, content);
    if (!written) return written.error();
    if (::fsync(fd) != 0) return last_error();
    return {};
}

/// @param how  O_TRUNC or O_EXCL. What is half written is taken away again.
result<void> create_and_fill(std::filesystem::path const& path, int how, std::string_view content, unsigned mode)
{
    owned_fd const fd(::open(path.c_str(), O_WRONLY | O_CREAT | how | O_CLOEXEC, mode));
    if (!fd.is_open()) return last_error();
    auto filled = fill(fd.get(), content, mode);
    if (!filled) ::unlink(path.c_str());
    return filled;
}

result<void> flush_folder(std::filesystem::path const& folder)
{
    owned_fd const fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open() || ::fsync(fd.get()) != 0) return last_error();
    return {};
}

}  // namespace

result<std::string> read_file(std::filesystem::path const& path, std::size_t most)
{
    owned_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open()) return last_error();
    return read_all(fd.get(), most);
}

result<std::string> read_secret(std::filesystem::path const& path, std::size_t most)
{
    owned_fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open()) return last_error();
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return last_error();
    if ((status.st_mode & 077) != 0) return errc::rejected;
    return read_all(fd.get(), most);
}

result<void> write_atomically(std::filesystem::path const& path, std::string_view content, unsigned mode)
{
    auto const beside = path.string() + ".new";
    auto const written = create_and_fill(beside, O_TRUNC, content, mode);
    if (!written) return written.error();
    if (::rename(beside.c_str(), path.c_str()) != 0) return last_error();
    return flush_folder(path.parent_path());
}

result<void> write_new(std::filesystem::path const& path, std::string_view content, unsigned mode)
{
    auto const written = create_and_fill(path, O_EXCL, content, mode);
    if (!written && written.error() == boost::system::errc::file_exists) return errc::conflict;
    if (!written) return written.error();
    return flush_folder(path.parent_path());
}

}  // namespace tp
