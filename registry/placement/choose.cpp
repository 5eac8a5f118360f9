#include "registry/placement/choose.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <tuple>

#include "registry/placement/nearness.hpp"

namespace tp::registry {
namespace {

using store::controller_record;

double load(controller_record const& controller)
{
    return static_cast<double>(used(controller)) / controller.capacity;
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
double score(controller_record const& controller, probe_id probe, double weight)
{
    constexpr double two_to_53 = 9007199254740992.0;
    auto const bits =
        mixed(static_cast<std::uint64_t>(probe.value()), static_cast<std::uint64_t>(controller.id.value()));
    auto const unit = (static_cast<double>(bits >> 11U) + 0.5) / two_to_53;  // in (0, 1)
    return weight / -std::log(unit);
}

class chooser {
public:
    chooser(std::vector<controller_record> const& controllers, seeker const& who)
        : all_(controllers), who_(who), nearness_(controllers, who)
    {
    }

    std::optional<std::size_t> first() const
    {
        if (auto const kept = present_first()) return kept;
        auto const open = with_room();
        // Nearness first, then chance by free capacity.
        auto const worth = [&](std::size_t i) {
            auto const& each = all_[i];
            return std::tuple(worth_being_near(each), score(each, who_.probe, each.capacity - used(each)));
        };
        return best(open, worth);
    }

    std::optional<std::size_t> second(std::size_t first) const
    {
        auto open = with_room();
        std::erase(open, first);
        auto const worth = [&](std::size_t i) {
            auto const& each = all_[i];
            auto const expected = used(each) + each.standby;  // if all come whose second it is
            bool const roomy = expected < each.capacity;
            auto const weight = roomy ? each.capacity - expected : 1U;
            return std::tuple(!share_fate(all_[first], each), roomy, was_present(each.id), worth_being_near(each),
                              score(each, who_.probe, weight));
        };
        return best(open, worth);
    }

private:
    std::vector<std::size_t> with_room() const
    {
        std::vector<std::size_t> out;
        for (std::size_t i = 0; i < all_.size(); ++i)
            if (has_room(all_[i])) out.push_back(i);
        return out;
    }

    template <class Worth>
    static std::optional<std::size_t> best(std::vector<std::size_t> const& among, Worth worth)
    {
        auto const found =
            std::max_element(among.begin(), among.end(), [&](auto a, auto b) { return worth(a) < worth(b); });
        if (found == among.end()) return std::nullopt;
        return *found;
    }

    bool worth_being_near(controller_record const& controller) const
    {
        return nearness_.near(controller) && load(controller) < crowded_from;
    }

    bool was_present(controller_id id) const
    {
        return std::find(who_.present.begin(), who_.present.end(), id) != who_.present.end();
    }

    /// The best of the present ones that it may stay on: with a dead first one a probe is at its second.
    std::optional<std::size_t> present_first() const
    {
        for (auto const id : who_.present) {
            auto const found = std::find_if(all_.begin(), all_.end(), [&](auto const& each) { return each.id == id; });
            if (found == all_.end() || !alive(*found) || found->drained) continue;
            // It counts itself where it is: full is not too full.
            bool const first = id == who_.present.front();
            if (load(*found) > 1 || (!first && !has_room(*found))) continue;
            if (load(*found) > mean_load(all_) + tolerated_imbalance) continue;
            if (first && wants_home(*found)) continue;
            return static_cast<std::size_t>(found - all_.begin());
        }
        return std::nullopt;
    }

    /// It is abroad, and there is a near one.
    bool wants_home(controller_record const& present) const
    {
        if (!nearness_.far(present)) return false;
        return std::any_of(all_.begin(), all_.end(),
                           [&](auto const& each) { return has_room(each) && worth_being_near(each); });
    }

    std::vector<controller_record> const& all_;
    seeker const& who_;
    nearness nearness_;
};

}  // namespace

bool alive(controller_record const& controller) noexcept
{
    return controller.heartbeat_age < longest_heartbeat_age && controller.capacity > 0;
}

std::uint32_t used(controller_record const& controller) noexcept
{
    return std::max(controller.sessions, controller.placed);
}

bool has_room(controller_record const& controller) noexcept
{
    return alive(controller) && !controller.drained && used(controller) < controller.capacity;
}

store::vacancy vacancy_on(controller_record const& controller) noexcept
{
    bool const plenty = std::uint64_t{used(controller)} + placed_meanwhile < controller.capacity;
    return plenty ? store::vacancy::plenty : store::vacancy::scarce;
}

bool share_fate(controller_record const& one, controller_record const& other) noexcept
{
    if (one.id == other.id) return true;
    return !one.failure_domain.empty() && one.failure_domain == other.failure_domain;
}

double mean_load(std::vector<controller_record> const& controllers) noexcept
{
    double taken = 0;
    double capacity = 0;
    for (auto const& each : controllers) {
        if (!alive(each) || each.drained) continue;
        taken += std::min(used(each), each.capacity);  // no more than full, whatever it says
        capacity += each.capacity;
    }
    return capacity > 0 ? taken / capacity : 0;
}

placement choose(std::vector<controller_record> const& controllers, seeker const& who)
{
    placement out;
    chooser const by(controllers, who);
    auto const first = by.first();
    if (!first) {
        auto const any = std::any_of(controllers.begin(), controllers.end(),
                                     [](auto const& each) { return alive(each) && !each.drained; });
        out.none_because = any ? "all controllers are full" : "no controller is running";
        return out;
    }
    out.ranked.push_back(*first);
    if (auto const second = by.second(*first)) out.ranked.push_back(*second);
    return out;
}

placement choose_elsewhere(std::vector<controller_record> controllers, seeker const& who, controller_id from)
{
    for (auto& each : controllers)
        if (each.id == from) each.drained = true;
    return choose(controllers, who);
}

std::chrono::seconds jittered(std::chrono::seconds length, double random)
{
    auto const extra = static_cast<double>(length.count()) * random;
    return length + std::chrono::seconds(static_cast<std::chrono::seconds::rep>(extra));
}

}  // namespace tp::registry
