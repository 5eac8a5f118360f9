#include "probe/firmware/slot_contents.hpp"

#include <algorithm>

#include "probe/firmware/sha256.hpp"

namespace tp::firmware {

result<void> check_program(readable& file, manifest const& content, std::size_t block, memory_file* copy)
{
    sha256 hash;
    for (std::uint64_t left = content.length; left > 0;) {
        auto const octets = file.read(static_cast<std::size_t>(std::min<std::uint64_t>(left, block)));
        if (!octets) return octets.error();
        if (octets->empty()) return errc::rejected;
        left -= octets->size();
        hash.take(*octets);
        if (!copy) continue;
        if (auto const copied = copy->write(*octets); !copied) return copied;
    }
    if (hash.finish() != content.sha256) return errc::rejected;
    return {};
}

result<void> write_program(writable& to, manifest const& content, readable& source, std::size_t block)
{
    std::uint64_t length = 0;
    for (;;) {
        auto const octets = source.read(block);
        if (!octets) return octets.error();
        if (octets->empty()) break;
        length += octets->size();
        if (length > content.length) return errc::out_of_range;
        if (auto const written = to.write(*octets); !written) return written;
    }
    if (length != content.length) return errc::out_of_range;
    return to.flush();
}

}  // namespace tp::firmware
