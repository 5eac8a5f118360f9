#include "registry/placement.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

namespace tp::registry {
namespace {

using store::controller_record;

bool alive(controller_record const& controller)
{
    return controller.heartbeat_age < longest_heartbeat_age && controller.capacity > 0;
}

std::uint32_t used(controller_record const& controller)
{
    return std::max(controller.sessions, controller.placed);
}

double load(controller_record const& controller)
{
    return static_cast<double>(used(controller)) / controller.capacity;
}

bool has_room(controller_record const& controller)
{
    return alive(controller) && used(controller) < controller.capacity;
}

/// Mixes both numbers into 64 bits that look random (finalizer of SplitMix64).
std::uint64_t mixed(std::uint64_t probe, std::uint64_t controller)
{
    auto x = (probe << 32U) + controller + 0x9E3779B97F4A7C15U;
    x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31U);
}

/// Source: "Weighted distributed hash tables" (Schindelhauer, Schomaker, 2005), logarithmic method: the highest score
/// falls on a controller with a probability in proportion to its weight.
double score(controller_record const& controller, probe_id probe)
{
    constexpr double two_to_53 = 9007199254740992.0;
    auto const bits =
        mixed(static_cast<std::uint64_t>(probe.value()), static_cast<std::uint64_t>(controller.id.value()));
    auto const unit = (static_cast<double>(bits >> 11U) + 0.5) / two_to_53;  // in (0, 1)
    return static_cast<double>(controller.capacity - used(controller)) / -std::log(unit);
}

double mean_load(std::vector<controller_record> const& controllers)
{
    double taken = 0;
    double capacity = 0;
    for (auto const& each : controllers) {
        if (!alive(each)) continue;
        taken += used(each);
        capacity += each.capacity;
    }
    return capacity > 0 ? taken / capacity : 0;
}

/// The present first controller, if the probe is to stay there.
std::optional<std::size_t> kept(std::vector<controller_record> const& controllers,
                                std::vector<controller_id> const& present)
{
    if (present.empty()) return std::nullopt;
    auto const found = std::find_if(controllers.begin(), controllers.end(),
                                    [&](auto const& each) { return each.id == present.front(); });
    if (found == controllers.end() || !alive(*found)) return std::nullopt;
    if (load(*found) > 1 || load(*found) > mean_load(controllers) + tolerated_imbalance) return std::nullopt;
    return static_cast<std::size_t>(found - controllers.begin());
}

}  // namespace

placement choose(std::vector<controller_record> const& controllers, probe_id probe,
                 std::vector<controller_id> const& present)
{
    placement out;
    auto const first = kept(controllers, present);
    if (first) out.ranked.push_back(*first);

    std::vector<std::pair<double, std::size_t>> others;
    for (std::size_t i = 0; i < controllers.size(); ++i) {
        if (i != first && has_room(controllers[i])) others.emplace_back(score(controllers[i], probe), i);
    }
    std::sort(others.begin(), others.end(), std::greater<>{});
    for (auto const& [unused, i] : others) {
        if (out.ranked.size() < placed_on) out.ranked.push_back(i);
    }
    if (out.ranked.empty()) {
        auto const any = std::any_of(controllers.begin(), controllers.end(), alive);
        out.none_because = any ? "all controllers are full" : "no controller is running";
    }
    return out;
}

std::chrono::seconds jittered(std::chrono::seconds length, double random)
{
    auto const extra = static_cast<double>(length.count()) * random;
    return length + std::chrono::seconds(static_cast<std::chrono::seconds::rep>(extra));
}

}  // namespace tp::registry
