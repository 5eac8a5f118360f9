#include "controller/relay/catalogue.hpp"

#include <algorithm>

namespace tp::controller {

void catalogue::replace(std::vector<store::firmware_file> const& files)
{
    decltype(files_) next;
    for (auto const& each : files) next.emplace(each.path, entry{each.id, each.size});
    files_.swap(next);
}

std::variant<proto::file_part, portion> catalogue::look_up(proto::file_request const& asked) const
{
    using proto::file_status;
    auto const found = files_.find(asked.path);
    if (found == files_.end()) return proto::file_part{asked.number, file_status::absent, 0, {}};
    auto const size = found->second.size;
    if (asked.offset >= size) return proto::file_part{asked.number, file_status::here, size, {}};
    portion out{found->second.id, size, static_cast<std::uint32_t>(asked.offset / store::firmware_piece_size),
                asked.offset % store::firmware_piece_size, 0};
    // No further than the piece: the next request begins with the next one.
    auto const in_piece = std::min<std::uint64_t>(store::firmware_piece_size - out.from, size - asked.offset);
    out.count = static_cast<std::size_t>(std::min<std::uint64_t>(asked.most, in_piece));
    return out;
}

}  // namespace tp::controller
