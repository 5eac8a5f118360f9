#include "firmware-signing/tuf/folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/owned_fd.hpp"

namespace tp::tuf {

result<void> flush_folder(std::filesystem::path const& folder)
{
    owned_fd const fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open() || ::fsync(fd.get()) != 0) return last_error();
    return {};
}

}  // namespace tp::tuf
