#include "probe/firmware/real_disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <utility>

#include "base/handle.hpp"
#include "base/owned_fd.hpp"

namespace tp::firmware {
namespace {

constexpr std::size_t most_entries = 1'000;  // of one folder
constexpr unsigned folder_mode = 0755;

result<void> outcome_of(int returned) noexcept
{
    if (returned != 0) return last_error();
    return {};
}

class read_file final : public readable {
public:
    explicit read_file(owned_fd fd) noexcept : fd_(std::move(fd)) {}
    result<std::string> read(std::size_t most) override
    {
        std::string block(most, '\0');
        auto const count = read_some(fd_.get(), block.data(), block.size());
        if (!count) return count.error();
        block.resize(*count);
        return block;
    }
    int descriptor() const noexcept override { return fd_.get(); }

private:
    owned_fd fd_;
};

class written_file final : public writable {
public:
    explicit written_file(owned_fd fd) noexcept : fd_(std::move(fd)) {}
    result<void> write(std::string_view octets) override { return write_all(fd_.get(), octets); }
    result<void> flush() override { return outcome_of(::fsync(fd_.get())); }

private:
    owned_fd fd_;
};

class copy_in_memory final : public memory_file {
public:
    explicit copy_in_memory(owned_fd fd) noexcept : fd_(std::move(fd)) {}
    result<void> write(std::string_view octets) override { return write_all(fd_.get(), octets); }
    result<std::unique_ptr<readable>> seal() override
    {
        constexpr int unchangeable = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
        bool const sealed = ::fcntl(fd_.get(), F_ADD_SEALS, unchangeable) == 0 && ::lseek(fd_.get(), 0, SEEK_SET) == 0;
        if (!sealed) return last_error();
        return std::make_unique<read_file>(std::move(fd_));
    }

private:
    owned_fd fd_;
};

}  // namespace

bool is_absent(error_code why) noexcept
{
    return why == boost::system::errc::no_such_file_or_directory;
}

result<std::unique_ptr<readable>> real_disk::open(path const& file)
{
    owned_fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.is_open()) return last_error();
    ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);  // what was flushed is read from the disk again
    return std::make_unique<read_file>(std::move(fd));
}

result<std::unique_ptr<writable>> real_disk::create(path const& file, unsigned mode)
{
    owned_fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!fd.is_open() || ::fchmod(fd.get(), mode) != 0) return last_error();
    return std::make_unique<written_file>(std::move(fd));
}

result<std::unique_ptr<writable>> real_disk::reopen(path const& file)
{
    owned_fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd.is_open()) return last_error();
    return std::make_unique<written_file>(std::move(fd));
}

result<void> real_disk::make_folder(path const& folder)
{
    return outcome_of(::mkdir(folder.c_str(), folder_mode));
}

result<std::vector<std::string>> real_disk::list(path const& folder)
{
    handle<DIR, ::closedir> const open(::opendir(folder.c_str()));
    if (!open) return last_error();
    std::vector<std::string> out;
    for (;;) {
        errno = 0;
        auto const* const entry = ::readdir(open.get());
        if (!entry && errno != 0) return last_error();
        if (!entry) return out;
        std::string name(entry->d_name);
        if (name == "." || name == "..") continue;
        if (out.size() == most_entries) return errc::too_large;
        out.push_back(std::move(name));
    }
}

result<std::string> real_disk::read_link(path const& link)
{
    std::string to(PATH_MAX, '\0');
    auto const size = ::readlink(link.c_str(), to.data(), to.size());
    if (size < 0) return last_error();
    to.resize(static_cast<std::size_t>(size));
    return to;
}

result<void> real_disk::make_link(std::string const& to, path const& link)
{
    return outcome_of(::symlink(to.c_str(), link.c_str()));
}

result<void> real_disk::rename(path const& from, path const& to)
{
    return outcome_of(::rename(from.c_str(), to.c_str()));
}

result<void> real_disk::remove(path const& file)
{
    return outcome_of(::unlink(file.c_str()));
}

result<void> real_disk::remove_folder(path const& folder)
{
    return outcome_of(::rmdir(folder.c_str()));
}

result<void> real_disk::flush_folder(path const& folder)
{
    owned_fd const fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open()) return last_error();
    return outcome_of(::fsync(fd.get()));
}

result<std::unique_ptr<memory_file>> real_disk::in_memory()
{
    owned_fd fd(::memfd_create("program", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd.is_open()) return last_error();
    return std::make_unique<copy_in_memory>(std::move(fd));
}

}  // namespace tp::firmware
