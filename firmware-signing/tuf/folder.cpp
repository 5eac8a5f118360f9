#include "firmware-signing/tuf/folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace tp::tuf {

error_code last_error() noexcept
{
    return {errno, boost::system::system_category()};
}

result<void> flush_folder(std::filesystem::path const& folder)
{
    int const fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return last_error();
    bool const flushed = ::fsync(fd) == 0;
    auto const why = last_error();
    ::close(fd);
    if (!flushed) return why;
    return {};
}

}  // namespace tp::tuf
