#include "registry/placement/rehearsal.hpp"

#include <algorithm>

#include "registry/placement/choose.hpp"

namespace tp::registry {
namespace {

using heir = rehearsal::heir;

bool is_in(std::vector<controller_id> const& list, controller_id id)
{
    return std::find(list.begin(), list.end(), id) != list.end();
}

std::uint32_t room_of(heir const& one)
{
    auto const taken = one.before + one.arriving;
    return one.capacity > taken ? one.capacity - taken : 0;
}

/// Takes in as many as there is room for; answers how many.
std::uint32_t take_in(heir& one, std::uint32_t probes)
{
    auto const taken = std::min(probes, room_of(one));
    one.arriving += taken;
    return taken;
}

/// Spreads them in proportion to free capacity; answers how many found none.
std::uint32_t spread(std::vector<heir>& heirs, std::uint32_t probes)
{
    std::uint64_t room = 0;
    for (auto const& each : heirs) room += room_of(each);
    auto const placed = static_cast<std::uint32_t>(std::min<std::uint64_t>(room, probes));
    auto left = placed;
    for (auto& each : heirs) {
        auto const share = room == 0 ? 0 : static_cast<std::uint32_t>(std::uint64_t{placed} * room_of(each) / room);
        left -= take_in(each, std::min(share, left));
    }
    for (auto& each : heirs) left -= take_in(each, left);  // what rounding left
    return probes - placed;
}

}  // namespace

rehearsal rehearse(std::vector<store::controller_record> const& controllers,
                   std::vector<store::placed_pair> const& pairs, std::vector<controller_id> const& lost)
{
    rehearsal out;
    for (auto const& each : controllers)
        if (alive(each) && !is_in(lost, each.id)) out.heirs.push_back({each.id, used(each), 0, each.capacity});
    std::uint32_t asking = 0;
    for (auto const& pair : pairs) {
        if (!is_in(lost, pair.first)) continue;
        out.probes += pair.probes;
        auto const second = std::find_if(out.heirs.begin(), out.heirs.end(),
                                         [&](heir const& each) { return pair.second && each.id == *pair.second; });
        auto const taken = second == out.heirs.end() ? 0 : take_in(*second, pair.probes);
        out.at_once += taken;
        asking += pair.probes - taken;
    }
    // The registry sends nobody to what is being drained.
    std::vector<heir> open;
    for (auto const& each : out.heirs) {
        auto const record =
            std::find_if(controllers.begin(), controllers.end(), [&](auto const& one) { return one.id == each.id; });
        if (!record->drained) open.push_back(each);
    }
    out.waiting = spread(open, asking);
    out.by_the_registry = asking - out.waiting;
    for (auto const& each : open) {
        auto const same =
            std::find_if(out.heirs.begin(), out.heirs.end(), [&](heir const& one) { return one.id == each.id; });
        same->arriving = each.arriving;
    }
    return out;
}

}  // namespace tp::registry
