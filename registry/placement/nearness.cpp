#include "registry/placement/nearness.hpp"

#include <algorithm>

namespace tp::registry {

nearness::nearness(std::vector<store::controller_record> const& controllers, seeker const& who) : who_(who)
{
    std::vector<std::chrono::microseconds> known;
    for (auto const& each : controllers)
        if (auto const one = distance(each.id); one && alive(each) && !each.drained) known.push_back(*one);
    if (known.size() > 1) nearest_ = *std::min_element(known.begin(), known.end());
}

bool nearness::near(store::controller_record const& controller) const
{
    auto const known = distance(controller.id);
    if (known && nearest_) return *known <= *nearest_ * 3 / 2 + near_within;
    return !who_.region.empty() && controller.region == who_.region;
}

bool nearness::far(store::controller_record const& controller) const
{
    auto const known = distance(controller.id);
    if (known && nearest_) return *known > *nearest_ * 2 + far_beyond;
    return !who_.region.empty() && controller.region != who_.region;
}

std::optional<std::chrono::microseconds> nearness::distance(controller_id controller) const
{
    auto const found = std::find_if(who_.distances.begin(), who_.distances.end(),
                                    [&](auto const& each) { return each.controller == controller; });
    if (found == who_.distances.end()) return std::nullopt;
    return found->round_trip;
}

}  // namespace tp::registry
