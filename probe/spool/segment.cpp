#include "probe/spool/segment.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/owned_fd.hpp"

namespace tp::probe {
namespace {

constexpr std::string_view suffix = ".segment";

std::optional<std::uint64_t> number_of(std::string const& name)
{
    if (!name.ends_with(suffix)) return std::nullopt;
    std::uint64_t number = 0;
    auto const* const last = name.data() + name.size() - suffix.size();
    auto const [end, error] = std::from_chars(name.data(), last, number, 16);
    if (error != std::errc{} || end != last) return std::nullopt;
    return number;
}

}  // namespace

segment_files::segment_files(segment_files&& other) noexcept
    : folder_(std::move(other.folder_)),
      write_(other.write_),
      sizes_(std::move(other.sizes_)),
      total_(other.total_),
      newest_(other.newest_),
      fd_(std::exchange(other.fd_, -1)),
      dirty_(other.dirty_)
{
}

segment_files::~segment_files()
{
    close();
}

std::filesystem::path segment_files::path(std::uint64_t segment) const
{
    char name[32];
    std::snprintf(name, sizeof name, "%016llx", static_cast<unsigned long long>(segment));
    return folder_ / (name + std::string(suffix));
}

void segment_files::close()
{
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

result<void> segment_files::scan()
{
    std::error_code ec;
    for (auto at = std::filesystem::directory_iterator(folder_, ec); !ec && at != std::filesystem::directory_iterator();
         at.increment(ec)) {
        auto const number = number_of(at->path().filename().string());
        if (!number) continue;
        std::error_code ignored;
        auto const size = at->file_size(ignored);
        if (ignored) continue;
        sizes_[*number] = size;
        total_ += size;
        newest_ = std::max(newest_, *number);
    }
    if (ec) return error_code(ec.value(), boost::system::system_category());
    return {};
}

result<void> segment_files::begin()
{
    result<void> flushed;
    if (dirty_) flushed = flush();  // the next flush could not reach the old segment
    close();
    ++newest_;  // also after an error: the name may be taken
    fd_ = ::open(path(newest_).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (fd_ < 0) return last_error();
    sizes_[newest_] = 0;
    return flushed;
}

result<void> segment_files::append(std::string_view octets)
{
    if (fd_ < 0) return errc::unavailable;
    auto const before = sizes_[newest_];
    for (std::size_t done = 0; done < octets.size();) {
        auto const count = write_(fd_, octets.data() + done, octets.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) {
            auto const why = count < 0 ? last_error() : make_error_code(errc::unavailable);
            if (done > 0 && ::ftruncate(fd_, static_cast<off_t>(before)) != 0) close();  // a torn record ends a segment
            return why;
        }
        done += static_cast<std::size_t>(count);
    }
    sizes_[newest_] = before + octets.size();
    total_ += octets.size();
    dirty_ = true;
    return {};
}

result<void> segment_files::flush()
{
    if (fd_ < 0) return {};
    dirty_ = false;  // an error now would come back forever; the kernel reports each once
    if (::fdatasync(fd_) != 0) return last_error();
    return {};
}

result<std::string> segment_files::read(std::uint64_t segment, std::uint64_t offset, std::size_t most) const
{
    int const fd = ::open(path(segment).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return last_error();
    std::string out(most, '\0');
    std::size_t done = 0;
    error_code failed;
    while (done < most) {
        auto const count = ::pread(fd, out.data() + done, most - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) failed = last_error();
        if (count <= 0) break;
        done += static_cast<std::size_t>(count);
    }
    ::close(fd);
    if (failed) return failed;
    out.resize(done);
    return out;
}

void segment_files::remove(std::uint64_t segment)
{
    if (segment == newest_) close();
    auto const found = sizes_.find(segment);
    if (found == sizes_.end()) return;
    ::unlink(path(segment).c_str());  // one that cannot be removed is found again at the next start, and sent twice
    total_ -= found->second;
    sizes_.erase(found);
}

}  // namespace tp::probe
