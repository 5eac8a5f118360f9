#include "firmware-signing/tuf/store.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/files.hpp"
#include "base/owned_fd.hpp"
#include "firmware-signing/tuf/checks.hpp"
#include "firmware-signing/tuf/folder.hpp"
#include "firmware-signing/tuf/limits.hpp"
#include "firmware-signing/tuf/names.hpp"

namespace tp::tuf {

result<std::string> metadata_folder::load(std::string const& file, std::uint64_t most)
{
    // Where a size has 32 bits, no file that is read whole has more.
    auto const here = std::min<std::uint64_t>(most, std::numeric_limits<std::size_t>::max());
    auto octets = read_file(folder_ / file, static_cast<std::size_t>(here));
    if (!octets && octets.error() == boost::system::errc::no_such_file_or_directory) return errc::not_found;
    return octets;
}

result<void> metadata_folder::save(std::string const& file, std::string_view octets)
{
    return write_atomically(folder_ / file, octets);
}

result<void> metadata_folder::forget(std::string const& file)
{
    if (::unlink((folder_ / file).c_str()) != 0 && errno != ENOENT) return last_error();
    return flush_folder(folder_);
}

result<void> begin_with(std::filesystem::path const& folder, std::string_view root_octets)
{
    auto const good = check_first_root(root_octets);
    if (!good) return good.error();
    error_code ec;
    std::filesystem::create_directories(folder, ec);
    if (ec) return ec;
    metadata_folder kept(folder);
    auto const known = kept.load(file_of("root"), limits().root);
    if (known && *known == root_octets) return {};
    if (known) return errc::conflict;
    if (known.error() != errc::not_found) return known.error();
    return kept.save(file_of("root"), root_octets);
}

}  // namespace tp::tuf
