#include "probe/firmware/small_file.hpp"

#include "probe/firmware/checked_text.hpp"

namespace tp::firmware {

result<std::string> read_small(disk& from, std::filesystem::path const& file)
{
    auto const open = from.open(file);
    if (!open) return open.error();
    std::string out;
    for (;;) {
        auto const octets = (*open)->read(largest_text + 1);
        if (!octets) return octets.error();
        if (octets->empty()) return out;
        out += *octets;
        if (out.size() > largest_text) return errc::too_large;
    }
}

result<void> write_small(disk& to, std::filesystem::path const& file, std::string_view octets)
{
    auto const open = to.create(file, text_mode);
    if (!open) return open.error();
    if (auto const written = (*open)->write(octets); !written) return written;
    return (*open)->flush();
}

}  // namespace tp::firmware
