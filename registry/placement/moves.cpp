#include "registry/placement/moves.hpp"

#include <algorithm>

#include "registry/placement/choose.hpp"

namespace tp::registry {
namespace {

using store::controller_record;

/// Probes above what it may have beside the others. Half of the tolerance is given back, so that it does not begin anew
/// with the next probe.
std::uint32_t excess(controller_record const& controller, double mean)
{
    auto const capacity = static_cast<double>(controller.capacity);
    auto const most = std::min(1.0, mean + tolerated_imbalance) * capacity;
    if (used(controller) <= most) return 0;
    auto const wanted = std::min(1.0, mean + tolerated_imbalance / 2) * capacity;
    return used(controller) - static_cast<std::uint32_t>(wanted);
}

std::uint32_t due(controller_record const& each, moves::cause why, double mean)
{
    switch (why) {
        case moves::cause::drained:
            return each.drained && alive(each) ? each.placed : 0;
        case moves::cause::dead:
            return each.heartbeat_age < gone_after ? 0 : each.placed;
        case moves::cause::crowded:
            break;
    }
    return alive(each) && !each.drained ? std::min(each.placed, excess(each, mean)) : 0;
}

}  // namespace

std::vector<moves> plan_moves(std::vector<controller_record> const& controllers, std::uint32_t most)
{
    std::uint64_t room = 0;
    for (auto const& each : controllers)
        if (has_room(each)) room += each.capacity - used(each);
    auto left = static_cast<std::uint32_t>(std::min<std::uint64_t>(room, most));
    auto const mean = mean_load(controllers);
    std::vector<moves> out;
    for (auto const why : {moves::cause::drained, moves::cause::dead, moves::cause::crowded}) {
        for (auto const& each : controllers) {
            auto const count = std::min(left, due(each, why, mean));
            if (count > 0) out.push_back({each.id, count, why});
            left -= count;
        }
    }
    return out;
}

}  // namespace tp::registry
