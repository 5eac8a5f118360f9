#include "registry/detect/targets.hpp"

namespace tp::registry::detect {

target_list::target_list(std::vector<target_info> const& all)
{
    for (auto const& each : all) by_id_.emplace(each.measurement, each);
}

target_info const* target_list::find(measurement_id measurement) const noexcept
{
    auto const found = by_id_.find(measurement);
    return found == by_id_.end() ? nullptr : &found->second;
}

std::optional<millis> least_possible(profile const& who, target_info const& target) noexcept
{
    if (!who.claimed || !target.place) return std::nullopt;
    auto const apart = who.claimed->distance_to(*target.place);
    if (apart <= blur) return std::nullopt;
    return least_round_trip({apart.value - blur.value});
}

bool too_fast(profile const& who, target_info const& target, target_hour const& seen) noexcept
{
    if (seen.packets.hits == 0) return false;
    auto const least = least_possible(who, target);
    return least && seen.least.count() < least->count() * static_cast<float>(certainly_too_fast);
}

}  // namespace tp::registry::detect
