#include "probe/measure/ping/demux.hpp"

namespace tp::probe {

std::optional<demux::name> demux::take(std::uint16_t identifier, owner of)
{
    constexpr unsigned most_tries = 65'536;
    for (unsigned tried = 0; tried < most_tries; ++tried) {
        auto const sequence = next_sequence_++;
        if (names_.emplace(index(identifier, sequence), of).second) return name{identifier, sequence};
    }
    return std::nullopt;
}

void demux::forget(name what)
{
    names_.erase(index(what.identifier, what.sequence));
}

std::optional<demux::owner> demux::find(std::uint16_t identifier, std::uint16_t sequence) const
{
    auto const found = names_.find(index(identifier, sequence));
    if (found == names_.end()) return std::nullopt;
    return found->second;
}

std::optional<demux::owner> demux::find_sent(std::uint32_t key) const
{
    auto const& one = stamps_[key % stamps_.size()];
    if (one.key != key || one.of.run == 0) return std::nullopt;
    return one.of;
}

}  // namespace tp::probe
